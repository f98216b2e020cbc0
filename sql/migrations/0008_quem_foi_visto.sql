-- Whose data a reading showed: a row each, beside the one entry of the trail that tells of the reading. What the trail
-- says of somebody is found here in the order of time, however many people each reading showed.

CREATE TABLE auditoria_visto (
    alvo_id BINARY(16) NOT NULL COMMENT 'the paciente or usuario whose data was shown',
    instante DATETIME(6) NOT NULL,
    entrada_id BINARY(16) NOT NULL COMMENT 'the entry in auditoria',
    registro_id BINARY(16) NOT NULL COMMENT 'the registro of the prontuário that was read; zeros: none in particular',
    PRIMARY KEY (alvo_id, instante, entrada_id, registro_id),
    KEY auditoria_visto_entrada (entrada_id)
) ENGINE = InnoDB;

CREATE TRIGGER auditoria_visto_sem_update BEFORE UPDATE ON auditoria_visto FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'auditoria_visto is append-only';

CREATE TRIGGER auditoria_visto_sem_delete BEFORE DELETE ON auditoria_visto FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'auditoria_visto is append-only';
