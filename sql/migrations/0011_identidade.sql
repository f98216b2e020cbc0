-- Who is behind a password. An account that somebody opened over the network is a claim until the person has set the
-- password with a code handed over at the desk (verificado_em). While staff have acted on a person whose account nobody
-- verified, nothing but a code opens it (espera).

ALTER TABLE usuario
    ADD COLUMN verificado_em DATETIME(6) NULL COMMENT 'when the person was at the desk; NULL: not yet',
    ADD COLUMN espera BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'its password opens nothing until then',
    ADD COLUMN ativo BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN desativado_em DATETIME(6) NULL,
    ADD COLUMN motivo_da_desativacao VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ADD KEY usuario_ativo (ativo, id);

-- Counts what changes of a pessoa, and of what they are besides.
ALTER TABLE pessoa ADD COLUMN versao INT UNSIGNED NOT NULL DEFAULT 1;

ALTER TABLE profissional ADD COLUMN ativo BOOLEAN NOT NULL DEFAULT TRUE;

-- Verified are the staff, those whose password the staff set, and those who set it with a code. The others registered
-- themselves.
UPDATE usuario u SET u.verificado_em = u.criado_em WHERE u.senha IS NOT NULL AND (
    EXISTS (SELECT 1 FROM usuario_papel r WHERE r.usuario_id = u.id AND r.papel <> 'PACIENTE')
    OR NOT EXISTS (
        SELECT 1 FROM paciente p JOIN auditoria a ON a.paciente_id = p.id
        WHERE p.pessoa_id = u.pessoa_id AND a.ato = 'CADASTRAR_PACIENTE' AND a.usuario_id IS NULL
    )
    OR EXISTS (
        SELECT 1 FROM auditoria a WHERE a.usuario_id = u.id AND a.alvo_id = u.id AND a.ato = 'DEFINIR_SENHA'
    )
);

UPDATE usuario u SET u.espera = TRUE WHERE u.senha IS NOT NULL AND u.verificado_em IS NULL AND EXISTS (
    SELECT 1 FROM paciente p JOIN auditoria a ON a.paciente_id = p.id
    WHERE p.pessoa_id = u.pessoa_id AND a.usuario_id <> u.id AND a.ato NOT LIKE 'LER%'
);

ALTER TABLE codigo_de_acesso
    ADD COLUMN tentativas TINYINT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN emitido_id BINARY(16) NULL COMMENT 'its row in codigo_emitido; NULL: of before there was one';

-- Every code that was handed out: by whom, for whom, used from where. The code itself isn't here.
CREATE TABLE codigo_emitido (
    id BINARY(16) NOT NULL,
    usuario_id BINARY(16) NOT NULL,
    emitido_por BINARY(16) NULL COMMENT 'NULL: on the command line',
    emitido_em DATETIME(6) NOT NULL,
    expira_em DATETIME(6) NOT NULL,
    usado_em DATETIME(6) NULL,
    usado_de VARBINARY(16) NULL COMMENT 'IPv4 or IPv6 address',
    PRIMARY KEY (id),
    KEY codigo_emitido_em (emitido_em, id),
    KEY codigo_emitido_usuario (usuario_id, emitido_em),
    CONSTRAINT codigo_emitido_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id),
    CONSTRAINT codigo_emitido_por FOREIGN KEY (emitido_por) REFERENCES usuario (id)
) ENGINE = InnoDB;

-- Whoever would leave the hospital without an administrator waits here for whoever would do the same: a row that both
-- write is seen by every server of a cluster, a lock by one alone.
CREATE TABLE vez (
    de VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    numero BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (de)
) ENGINE = InnoDB;

INSERT INTO vez (de, numero) VALUES ('administradores', 0);
