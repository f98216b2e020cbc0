-- The audit trail: who, in which roles, when, did or saw what of whom, from where. Ids only, no clinical text.
-- Append-only: by trigger here, by grants in grants.sql. No foreign keys: an entry never waits for a lock on the rows
-- that it tells of, and stays true whatever becomes of them.

CREATE TABLE auditoria (
    id BINARY(16) NOT NULL,
    instante DATETIME(6) NOT NULL,
    ato VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    usuario_id BINARY(16) NULL COMMENT 'who; NULL: nobody who is known',
    papeis VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'theirs then, with a space between',
    paciente_id BINARY(16) NULL COMMENT 'whose data',
    alvo_id BINARY(16) NULL COMMENT 'of what: the paciente, consulta, registro, médico or usuario, as the ato says',
    campo VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the field of the schema that was refused',
    origem VARBINARY(16) NULL COMMENT 'IPv4 or IPv6 address; NULL: a Unix socket, or the command line',
    PRIMARY KEY (id),
    KEY auditoria_paciente (paciente_id, instante, id),
    KEY auditoria_usuario (usuario_id, alvo_id, instante)
) ENGINE = InnoDB;

CREATE TRIGGER auditoria_sem_update BEFORE UPDATE ON auditoria FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'auditoria is append-only';

CREATE TRIGGER auditoria_sem_delete BEFORE DELETE ON auditoria FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'auditoria is append-only';
