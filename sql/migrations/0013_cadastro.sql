-- What a registration has besides a name, as Brazil writes it, and what people are found by: a row of pessoa_inicio for
-- each start of a word of their names and of their mother's, for their telephones, documents and birth date.

ALTER TABLE pessoa
    ADD COLUMN nome_da_mae VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ADD COLUMN mae_ordem VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'without accents or case',
    ADD COLUMN raca_cor VARCHAR(13) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'NAO_INFORMADA',
    ADD COLUMN nacionalidade VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ADD COLUMN obito_em DATE NULL,
    ADD COLUMN indice TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'the rule by which its rows in pessoa_inicio were made',
    ADD KEY pessoa_indice (indice, id),
    ADD CONSTRAINT pessoa_raca_cor CHECK (raca_cor IN
        ('BRANCA', 'PRETA', 'PARDA', 'AMARELA', 'INDIGENA', 'NAO_INFORMADA'));

CREATE TABLE endereco (
    pessoa_id BINARY(16) NOT NULL,
    cep CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    logradouro VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    numero VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    complemento VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    bairro VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    municipio VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    uf CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
    pais CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (pessoa_id),
    CONSTRAINT endereco_pessoa FOREIGN KEY (pessoa_id) REFERENCES pessoa (id)
) ENGINE = InnoDB;

CREATE TABLE documento_de_identificacao (
    pessoa_id BINARY(16) NOT NULL,
    ordem TINYINT UNSIGNED NOT NULL,
    tipo VARCHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    numero VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    orgao VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    pais CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (pessoa_id, ordem),
    CONSTRAINT documento_de_identificacao_pessoa FOREIGN KEY (pessoa_id) REFERENCES pessoa (id),
    CONSTRAINT documento_de_identificacao_tipo CHECK (tipo IN
        ('RG', 'CNH', 'PASSAPORTE', 'RNM', 'CERTIDAO_DE_NASCIMENTO', 'DNV', 'OUTRO'))
) ENGINE = InnoDB;

CREATE TABLE contato (
    pessoa_id BINARY(16) NOT NULL,
    ordem TINYINT UNSIGNED NOT NULL,
    nome VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    parentesco VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    telefone VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (pessoa_id, ordem),
    CONSTRAINT contato_pessoa FOREIGN KEY (pessoa_id) REFERENCES pessoa (id)
) ENGINE = InnoDB;

-- The hospital's own number of a paciente; with a check digit it is what people say and type.
ALTER TABLE paciente ADD COLUMN numero INT UNSIGNED NOT NULL AUTO_INCREMENT, ADD UNIQUE KEY paciente_numero (numero);

-- Telephones as the ITU writes them (E.164), where what was typed is one of Brazil with its DDD.
UPDATE pessoa SET telefone = CONCAT('+55', REGEXP_REPLACE(telefone, '[^0-9]', ''))
    WHERE telefone NOT LIKE '+%' AND REGEXP_REPLACE(telefone, '[^0-9]', '') REGEXP '^[1-9][1-9](9[0-9]{8}|[2-5][0-9]{7})$';

UPDATE pessoa SET telefone = CONCAT('+', REGEXP_REPLACE(telefone, '[^0-9]', ''))
    WHERE REGEXP_REPLACE(telefone, '[^0-9]', '') REGEXP '^55[1-9][1-9](9[0-9]{8}|[2-5][0-9]{7})$';
