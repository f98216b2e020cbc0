-- Records. Append-only: by trigger here, by grants in grants.sql, by RESTRICT on every foreign key.
-- Each carries its number in the patient's history, the hash of the one before and of its own content
-- (canonical form: docs/prontuario.md).

CREATE TABLE prontuario (
    id BINARY(16) NOT NULL,
    paciente_id BINARY(16) NOT NULL,
    numero INT UNSIGNED NOT NULL COMMENT 'from 1 in each paciente, without gaps',
    medico_id BINARY(16) NOT NULL,
    crm VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the author, at that instant',
    consulta_id BINARY(16) NULL,
    tipo VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    texto MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    cid10 VARCHAR(349) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'codes with a space between',
    retifica_id BINARY(16) NULL,
    justificativa VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    criado_em DATETIME(6) NOT NULL,
    hash_anterior BINARY(32) NOT NULL COMMENT 'zeros in the first one',
    hash BINARY(32) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY prontuario_numero (paciente_id, numero),
    UNIQUE KEY prontuario_retifica (retifica_id),
    UNIQUE KEY prontuario_autoria (id, paciente_id, medico_id),
    KEY prontuario_consulta (consulta_id, numero),
    KEY prontuario_consulta_paciente (consulta_id, paciente_id),
    KEY prontuario_retifica_autoria (retifica_id, paciente_id, medico_id),
    KEY prontuario_medico (medico_id, paciente_id),
    CONSTRAINT prontuario_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id),
    CONSTRAINT prontuario_medico FOREIGN KEY (medico_id) REFERENCES medico (id),
    CONSTRAINT prontuario_consulta FOREIGN KEY (consulta_id, paciente_id) REFERENCES consulta (id, paciente_id),
    CONSTRAINT prontuario_retifica FOREIGN KEY (retifica_id, paciente_id, medico_id)
        REFERENCES prontuario (id, paciente_id, medico_id),
    CONSTRAINT prontuario_texto CHECK (LENGTH(texto) BETWEEN 1 AND 65536),
    CONSTRAINT prontuario_justificativa CHECK ((retifica_id IS NULL) = (justificativa IS NULL)),
    CONSTRAINT prontuario_tipo CHECK (
        tipo IN ('ANAMNESE', 'EVOLUCAO', 'DIAGNOSTICO', 'EXAME', 'PRESCRICAO', 'ATESTADO', 'ALTA', 'OUTRO')
    )
) ENGINE = InnoDB;

CREATE TRIGGER prontuario_sem_update BEFORE UPDATE ON prontuario FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'prontuario is append-only';

CREATE TRIGGER prontuario_sem_delete BEFORE DELETE ON prontuario FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'prontuario is append-only';
