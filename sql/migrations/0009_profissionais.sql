-- exige parada: as tabelas dos médicos passam a ser as de todos os profissionais, com outros nomes.
-- Whoever attends is a profissional: a médico is one of them.

DROP VIEW vinculo;

RENAME TABLE
    medico TO profissional,
    medico_palavra TO profissional_palavra,
    medico_especialidade TO profissional_especialidade,
    celula_do_medico TO celula_do_profissional;

ALTER TABLE profissional
    DROP FOREIGN KEY medico_usuario,
    DROP CONSTRAINT medico_crm_forma,
    DROP INDEX medico_crm,
    RENAME INDEX medico_usuario TO profissional_usuario,
    RENAME INDEX medico_nome TO profissional_nome,
    ADD COLUMN conselho VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'CRM' AFTER nome_ordem,
    ADD COLUMN numero VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER conselho,
    ADD COLUMN uf CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER numero;

UPDATE profissional SET numero = SUBSTRING_INDEX(crm, '/', 1), uf = SUBSTRING_INDEX(crm, '/', -1);

ALTER TABLE profissional
    DROP COLUMN crm,
    ALTER COLUMN conselho DROP DEFAULT,
    ALTER COLUMN numero DROP DEFAULT,
    ALTER COLUMN uf DROP DEFAULT,
    ADD UNIQUE KEY profissional_registro (conselho, numero, uf),
    ADD CONSTRAINT profissional_conselho CHECK (
        conselho IN ('CRM', 'CRO', 'COREN', 'CRP', 'CREFITO', 'CRF', 'CRN', 'CREFONO', 'CRESS', 'CREF', 'CRBM')
    ),
    ADD CONSTRAINT profissional_numero CHECK (numero REGEXP '^[1-9][0-9]{0,9}$'),
    ADD CONSTRAINT profissional_uf CHECK (uf REGEXP '^[A-Z]{2}$'),
    ADD CONSTRAINT profissional_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id);

ALTER TABLE profissional_palavra DROP FOREIGN KEY medico_palavra_medico, RENAME COLUMN medico_id TO profissional_id;

ALTER TABLE profissional_palavra
    ADD CONSTRAINT profissional_palavra_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id);

ALTER TABLE profissional_especialidade
    DROP FOREIGN KEY medico_especialidade_medico,
    RENAME COLUMN medico_id TO profissional_id,
    RENAME INDEX medico_especialidade_nome TO profissional_especialidade_nome;

ALTER TABLE profissional_especialidade
    ADD COLUMN rqe VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'number of the specialist registration',
    ADD CONSTRAINT profissional_especialidade_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id);

ALTER TABLE turno DROP FOREIGN KEY turno_medico, RENAME COLUMN medico_id TO profissional_id;

ALTER TABLE turno ADD CONSTRAINT turno_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id);

ALTER TABLE bloqueio
    DROP FOREIGN KEY bloqueio_medico,
    RENAME COLUMN medico_id TO profissional_id,
    RENAME INDEX bloqueio_medico TO bloqueio_profissional;

ALTER TABLE bloqueio ADD CONSTRAINT bloqueio_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id);

ALTER TABLE consulta
    DROP FOREIGN KEY consulta_medico,
    RENAME COLUMN medico_id TO profissional_id,
    RENAME INDEX consulta_medico TO consulta_profissional;

ALTER TABLE consulta ADD CONSTRAINT consulta_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id);

ALTER TABLE celula_do_profissional
    DROP FOREIGN KEY celula_do_medico_medico,
    DROP FOREIGN KEY celula_do_medico_consulta,
    RENAME COLUMN medico_id TO profissional_id,
    RENAME INDEX celula_do_medico_consulta TO celula_do_profissional_consulta;

ALTER TABLE celula_do_profissional
    ADD CONSTRAINT celula_do_profissional_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id),
    ADD CONSTRAINT celula_do_profissional_consulta FOREIGN KEY (consulta_id) REFERENCES consulta (id);

-- MySQL renames no column of a foreign key in the statement that drops one, if the table points to itself by it.
ALTER TABLE prontuario DROP FOREIGN KEY prontuario_medico, DROP FOREIGN KEY prontuario_retifica;

ALTER TABLE prontuario
    RENAME COLUMN medico_id TO profissional_id,
    RENAME INDEX prontuario_medico TO prontuario_profissional;

ALTER TABLE prontuario
    CHANGE COLUMN crm registro_do_autor VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'of the author at that instant: CRM 123456/SP (form 1: 123456/SP)',
    ADD COLUMN forma TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'of what was hashed (docs/prontuario.md)',
    ADD CONSTRAINT prontuario_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id),
    ADD CONSTRAINT prontuario_retifica FOREIGN KEY (retifica_id, paciente_id, profissional_id)
        REFERENCES prontuario (id, paciente_id, profissional_id);

ALTER TABLE usuario_papel DROP CONSTRAINT usuario_papel_conhecido;

UPDATE usuario_papel SET papel = 'PROFISSIONAL' WHERE papel = 'MEDICO';

ALTER TABLE usuario_papel ADD CONSTRAINT usuario_papel_conhecido
    CHECK (papel IN ('PACIENTE', 'PROFISSIONAL', 'RECEPCAO', 'ADMINISTRADOR'));

-- The one definition of "patients on their agenda" (any row) and "in their care" (sob_cuidado).
CREATE VIEW vinculo AS
    SELECT profissional_id, paciente_id, situacao <> 'CANCELADA' AS sob_cuidado FROM consulta;
