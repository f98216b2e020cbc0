-- People: who logs in (usuario), what they may (usuario_papel), their sessions,
-- and the two registrations a person may have (paciente, medico).
-- Instants are DATETIME(6) in UTC; ids are UUIDv7 in BINARY(16).

CREATE TABLE usuario (
    id BINARY(16) NOT NULL,
    cpf CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    nome VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    senha CHAR(60) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'bcrypt; NULL until one is set',
    senha_anterior CHAR(60) CHARACTER SET ascii COLLATE ascii_bin NULL,
    troca_de_senha_obrigatoria BOOLEAN NOT NULL DEFAULT FALSE,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY usuario_cpf (cpf),
    UNIQUE KEY usuario_id_cpf (id, cpf),
    CONSTRAINT usuario_cpf_digitos CHECK (cpf REGEXP '^[0-9]{11}$')
) ENGINE = InnoDB;

CREATE TABLE usuario_papel (
    usuario_id BINARY(16) NOT NULL,
    papel VARCHAR(13) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (usuario_id, papel),
    KEY usuario_papel_papel (papel, usuario_id),
    CONSTRAINT usuario_papel_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id),
    CONSTRAINT usuario_papel_conhecido CHECK (papel IN ('PACIENTE', 'MEDICO', 'RECEPCAO', 'ADMINISTRADOR'))
) ENGINE = InnoDB;

-- A one-time code with which someone registered at the desk sets a password.
CREATE TABLE codigo_de_acesso (
    usuario_id BINARY(16) NOT NULL,
    codigo CHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'bcrypt',
    expira_em DATETIME(6) NOT NULL,
    PRIMARY KEY (usuario_id),
    CONSTRAINT codigo_de_acesso_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id)
) ENGINE = InnoDB;

-- Failures in a row for each CPF typed, known or not.
CREATE TABLE tentativa_de_login (
    cpf CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    falhas INT UNSIGNED NOT NULL,
    bloqueada_ate DATETIME(6) NULL,
    PRIMARY KEY (cpf)
) ENGINE = InnoDB;

-- A session is a family of renewal tokens; it ends once and for all.
CREATE TABLE sessao (
    id BINARY(16) NOT NULL,
    usuario_id BINARY(16) NOT NULL,
    criada_em DATETIME(6) NOT NULL,
    expira_em DATETIME(6) NOT NULL COMMENT 'moves ahead at each renewal',
    encerrada_em DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY sessao_usuario (usuario_id, expira_em),
    CONSTRAINT sessao_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id)
) ENGINE = InnoDB;

CREATE TABLE token_de_renovacao (
    hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the token',
    sessao_id BINARY(16) NOT NULL,
    criado_em DATETIME(6) NOT NULL,
    usado_em DATETIME(6) NULL,
    PRIMARY KEY (hash),
    KEY token_de_renovacao_sessao (sessao_id),
    CONSTRAINT token_de_renovacao_sessao FOREIGN KEY (sessao_id) REFERENCES sessao (id)
) ENGINE = InnoDB;

CREATE TABLE paciente (
    id BINARY(16) NOT NULL,
    usuario_id BINARY(16) NULL COMMENT 'NULL while the person has no CPF (Lei 14.534/2023)',
    cpf CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL,
    nome VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nome_social VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    nome_ordem VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'without accents or case',
    cns CHAR(15) CHARACTER SET ascii COLLATE ascii_bin NULL,
    nascimento DATE NOT NULL,
    sexo VARCHAR(13) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    telefone VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY paciente_usuario (usuario_id),
    UNIQUE KEY paciente_cpf (cpf),
    UNIQUE KEY paciente_cns (cns),
    KEY paciente_nome (nome_ordem, id),
    KEY paciente_usuario_cpf (usuario_id, cpf),
    CONSTRAINT paciente_usuario_cpf FOREIGN KEY (usuario_id, cpf) REFERENCES usuario (id, cpf),
    CONSTRAINT paciente_cpf_com_usuario CHECK ((usuario_id IS NULL) = (cpf IS NULL)),
    CONSTRAINT paciente_cns_digitos CHECK (cns REGEXP '^[0-9]{15}$'),
    CONSTRAINT paciente_sexo CHECK (sexo IN ('FEMININO', 'MASCULINO', 'INTERSEXO', 'NAO_INFORMADO'))
) ENGINE = InnoDB;

-- Every word of a paciente's names, so that any start of any word is found on an index.
CREATE TABLE paciente_palavra (
    palavra VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    paciente_id BINARY(16) NOT NULL,
    PRIMARY KEY (palavra, paciente_id),
    KEY paciente_palavra_paciente (paciente_id, palavra),
    CONSTRAINT paciente_palavra_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id)
) ENGINE = InnoDB;

CREATE TABLE medico (
    id BINARY(16) NOT NULL,
    usuario_id BINARY(16) NOT NULL,
    nome VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nome_ordem VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'without accents or case',
    crm VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '123456/SP',
    fuso VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'IANA time zone of the working hours',
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY medico_usuario (usuario_id),
    UNIQUE KEY medico_crm (crm),
    KEY medico_nome (nome_ordem, id),
    CONSTRAINT medico_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id),
    CONSTRAINT medico_crm_forma CHECK (crm REGEXP '^[0-9]{1,7}/[A-Z]{2}$')
) ENGINE = InnoDB;

CREATE TABLE medico_palavra (
    palavra VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    medico_id BINARY(16) NOT NULL,
    PRIMARY KEY (palavra, medico_id),
    CONSTRAINT medico_palavra_medico FOREIGN KEY (medico_id) REFERENCES medico (id)
) ENGINE = InnoDB;

CREATE TABLE medico_especialidade (
    medico_id BINARY(16) NOT NULL,
    ordem TINYINT UNSIGNED NOT NULL,
    especialidade VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    especialidade_ordem VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'without accents or case',
    PRIMARY KEY (medico_id, ordem),
    KEY medico_especialidade_nome (especialidade_ordem, medico_id),
    CONSTRAINT medico_especialidade_medico FOREIGN KEY (medico_id) REFERENCES medico (id)
) ENGINE = InnoDB;
