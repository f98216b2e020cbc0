-- exige parada: os turnos e as consultas passam a ter unidade.
-- Where one attends, and what for. One unidade exists from the start, and one for each further time zone in which
-- somebody attended until now; those are open on holidays, as they were.

CREATE TABLE unidade (
    id BINARY(16) NOT NULL,
    nome VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nome_ordem VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'without accents or case',
    cnes CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL,
    fuso VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cep CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    logradouro VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    numero VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    complemento VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    bairro VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    municipio VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    uf CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
    pais CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL where there is no address',
    abre_nos_feriados BOOLEAN NOT NULL DEFAULT FALSE,
    ativa BOOLEAN NOT NULL DEFAULT TRUE,
    versao INT UNSIGNED NOT NULL DEFAULT 1,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY unidade_nome (nome_ordem),
    UNIQUE KEY unidade_cnes (cnes),
    CONSTRAINT unidade_cnes_digitos CHECK (cnes REGEXP '^[0-9]{7}$')
) ENGINE = InnoDB;

-- Days on which a unidade that keeps holidays is open all the same.
CREATE TABLE unidade_aberta (
    unidade_id BINARY(16) NOT NULL,
    dia DATE NOT NULL,
    PRIMARY KEY (unidade_id, dia),
    CONSTRAINT unidade_aberta_unidade FOREIGN KEY (unidade_id) REFERENCES unidade (id)
) ENGINE = InnoDB;

CREATE TABLE sala (
    id BINARY(16) NOT NULL,
    unidade_id BINARY(16) NOT NULL,
    nome VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nome_ordem VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    ativa BOOLEAN NOT NULL DEFAULT TRUE,
    versao INT UNSIGNED NOT NULL DEFAULT 1,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY sala_nome (unidade_id, nome_ordem),
    UNIQUE KEY sala_da_unidade (id, unidade_id),
    CONSTRAINT sala_unidade FOREIGN KEY (unidade_id) REFERENCES unidade (id)
) ENGINE = InnoDB;

CREATE TABLE tipo_de_atendimento (
    id BINARY(16) NOT NULL,
    nome VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nome_ordem VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    especialidade VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'NULL is any',
    especialidade_ordem VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    duracao SMALLINT UNSIGNED NOT NULL COMMENT 'minutes',
    intervalo SMALLINT UNSIGNED NOT NULL COMMENT 'minutes after it in which nothing else begins',
    modalidades VARCHAR(30) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'with a space between',
    autoagendamento BOOLEAN NOT NULL COMMENT 'whether pacientes book it themselves',
    antecedencia_minima SMALLINT UNSIGNED NOT NULL COMMENT 'hours',
    antecedencia_maxima SMALLINT UNSIGNED NOT NULL COMMENT 'days',
    cancelamento_ate SMALLINT UNSIGNED NOT NULL COMMENT 'hours before it begins',
    exige_sala BOOLEAN NOT NULL,
    preparo VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ativo BOOLEAN NOT NULL DEFAULT TRUE,
    versao INT UNSIGNED NOT NULL DEFAULT 1,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY tipo_de_atendimento_nome (nome_ordem),
    CONSTRAINT tipo_de_atendimento_duracao CHECK (duracao BETWEEN 5 AND 480 AND duracao % 5 = 0),
    CONSTRAINT tipo_de_atendimento_intervalo CHECK (intervalo <= 120 AND intervalo % 5 = 0)
) ENGINE = InnoDB;

INSERT IGNORE INTO unidade (id, nome, nome_ordem, fuso, abre_nos_feriados, criado_em)
    VALUES (UNHEX(LEFT(SHA2('America/Sao_Paulo', 256), 32)), 'Unidade principal', 'unidade principal', 'America/Sao_Paulo', TRUE,
        UTC_TIMESTAMP(6));

INSERT IGNORE INTO unidade (id, nome, nome_ordem, fuso, abre_nos_feriados, criado_em)
    SELECT DISTINCT UNHEX(LEFT(SHA2(fuso, 256), 32)), CONCAT('Unidade em ', fuso), CONCAT('unidade em ', LOWER(fuso)), fuso, TRUE,
        UTC_TIMESTAMP(6)
    FROM profissional WHERE fuso <> 'America/Sao_Paulo';
