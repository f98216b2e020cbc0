-- exige parada: os nomes, contatos e documentos passam de três tabelas para uma.
-- Whoever the hospital knows is one pessoa: names, birth, CPF and contacts stand here once. What they are besides (a
-- paciente, a profissional, a usuario) points here. nome_ordem is copied where lists are read along it; the foreign keys
-- keep the copies equal.

CREATE TABLE pessoa (
    id BINARY(16) NOT NULL,
    cpf CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL while there is none (Lei 14.534/2023)',
    nome VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nome_social VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    nome_ordem VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'without accents or case',
    nascimento DATE NULL,
    email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    telefone VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY pessoa_cpf (cpf),
    UNIQUE KEY pessoa_ordem (id, nome_ordem),
    KEY pessoa_nome (nome_ordem, id),
    CONSTRAINT pessoa_cpf_digitos CHECK (cpf REGEXP '^[0-9]{11}$')
) ENGINE = InnoDB;

-- A person who is a paciente keeps what the paciente's registration said; their key is the paciente's.
INSERT INTO pessoa (id, cpf, nome, nome_social, nome_ordem, nascimento, email, telefone, criado_em)
    SELECT p.id, p.cpf, p.nome, p.nome_social, p.nome_ordem, p.nascimento, p.email, p.telefone, p.criado_em
    FROM paciente p;

-- Of the others it is the usuario's. A médico's name was folded already; the rest is folded as well as SQL can.
INSERT INTO pessoa (id, cpf, nome, nome_ordem, email, criado_em)
    SELECT u.id, u.cpf, COALESCE(m.nome, u.nome), COALESCE(m.nome_ordem,
        REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
            LOWER(u.nome), 'á', 'a'), 'à', 'a'), 'â', 'a'), 'ã', 'a'), 'é', 'e'), 'ê', 'e'), 'í', 'i'), 'ó', 'o'),
            'ô', 'o'), 'õ', 'o'), 'ú', 'u'), 'ü', 'u'), 'ç', 'c')), u.email, u.criado_em
    FROM usuario u LEFT JOIN profissional m ON m.usuario_id = u.id
    WHERE NOT EXISTS (SELECT 1 FROM paciente p WHERE p.usuario_id = u.id);

ALTER TABLE usuario ADD COLUMN pessoa_id BINARY(16) NULL AFTER id;

UPDATE usuario u LEFT JOIN paciente p ON p.usuario_id = u.id SET u.pessoa_id = COALESCE(p.id, u.id);

ALTER TABLE profissional ADD COLUMN pessoa_id BINARY(16) NULL AFTER id;

UPDATE profissional m JOIN usuario u ON u.id = m.usuario_id JOIN pessoa e ON e.id = u.pessoa_id
    SET m.pessoa_id = u.pessoa_id, m.nome_ordem = e.nome_ordem;

ALTER TABLE paciente
    DROP FOREIGN KEY paciente_usuario_cpf,
    DROP CONSTRAINT paciente_cpf_com_usuario,
    ADD COLUMN pessoa_id BINARY(16) NULL AFTER id;

UPDATE paciente SET pessoa_id = id;

ALTER TABLE paciente
    MODIFY pessoa_id BINARY(16) NOT NULL,
    DROP INDEX paciente_usuario_cpf,
    DROP INDEX paciente_usuario,
    DROP INDEX paciente_cpf,
    DROP INDEX paciente_nome,
    DROP COLUMN usuario_id,
    DROP COLUMN cpf,
    DROP COLUMN nome,
    DROP COLUMN nome_social,
    DROP COLUMN nascimento,
    DROP COLUMN email,
    DROP COLUMN telefone,
    ADD KEY paciente_nome (nome_ordem, pessoa_id),
    ADD UNIQUE KEY paciente_pessoa (pessoa_id, nome_ordem);

ALTER TABLE paciente
    ADD UNIQUE KEY paciente_de_uma_pessoa (pessoa_id),
    ADD CONSTRAINT paciente_pessoa FOREIGN KEY (pessoa_id, nome_ordem) REFERENCES pessoa (id, nome_ordem)
        ON UPDATE CASCADE;

ALTER TABLE profissional
    DROP FOREIGN KEY profissional_usuario,
    MODIFY pessoa_id BINARY(16) NOT NULL;

ALTER TABLE profissional
    DROP INDEX profissional_usuario,
    DROP COLUMN usuario_id,
    DROP COLUMN nome,
    ADD UNIQUE KEY profissional_pessoa (pessoa_id, nome_ordem),
    ADD UNIQUE KEY profissional_de_uma_pessoa (pessoa_id);

ALTER TABLE profissional
    ADD CONSTRAINT profissional_pessoa FOREIGN KEY (pessoa_id, nome_ordem) REFERENCES pessoa (id, nome_ordem)
        ON UPDATE CASCADE;

ALTER TABLE usuario
    MODIFY pessoa_id BINARY(16) NOT NULL,
    DROP CONSTRAINT usuario_cpf_digitos,
    DROP INDEX usuario_id_cpf,
    DROP INDEX usuario_cpf,
    DROP COLUMN cpf,
    DROP COLUMN nome,
    DROP COLUMN email,
    ADD UNIQUE KEY usuario_pessoa (pessoa_id),
    ADD CONSTRAINT usuario_pessoa FOREIGN KEY (pessoa_id) REFERENCES pessoa (id);

-- Every start of every word of anyone's names.
RENAME TABLE paciente_inicio TO pessoa_inicio;

ALTER TABLE pessoa_inicio
    DROP FOREIGN KEY paciente_inicio_paciente,
    RENAME COLUMN paciente_id TO pessoa_id,
    RENAME INDEX paciente_inicio_paciente TO pessoa_inicio_da_pessoa;

INSERT IGNORE INTO pessoa_inicio (inicio, nome_ordem, pessoa_id)
    WITH RECURSIVE numero (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numero WHERE n < 60)
    SELECT LEFT(SUBSTRING_INDEX(SUBSTRING_INDEX(e.palavras, ' ', p.n), ' ', -1), t.n), e.nome_ordem, e.id
    FROM (
        SELECT id, nome_ordem, REPLACE(REPLACE(nome_ordem, '-', ' '), '''', ' ') AS palavras
        FROM pessoa WHERE id NOT IN (SELECT pessoa_id FROM paciente)
    ) e
    JOIN numero p ON p.n <= CHAR_LENGTH(e.palavras) - CHAR_LENGTH(REPLACE(e.palavras, ' ', '')) + 1
    JOIN numero t ON t.n <= CHAR_LENGTH(SUBSTRING_INDEX(SUBSTRING_INDEX(e.palavras, ' ', p.n), ' ', -1));

ALTER TABLE pessoa_inicio
    ADD CONSTRAINT pessoa_inicio_pessoa FOREIGN KEY (pessoa_id, nome_ordem) REFERENCES pessoa (id, nome_ordem)
        ON UPDATE CASCADE;

DROP TABLE IF EXISTS profissional_palavra;

-- A person's time is one time, whatever they are in it: the primary key keeps anyone from being in two consultas at once.
CREATE TABLE celula (
    pessoa_id BINARY(16) NOT NULL,
    celula INT UNSIGNED NOT NULL,
    consulta_id BINARY(16) NOT NULL,
    PRIMARY KEY (pessoa_id, celula),
    KEY celula_consulta (consulta_id),
    CONSTRAINT celula_pessoa FOREIGN KEY (pessoa_id) REFERENCES pessoa (id),
    CONSTRAINT celula_consulta FOREIGN KEY (consulta_id) REFERENCES consulta (id)
) ENGINE = InnoDB;

INSERT INTO celula (pessoa_id, celula, consulta_id)
    SELECT p.pessoa_id, c.celula, c.consulta_id FROM celula_do_paciente c JOIN paciente p ON p.id = c.paciente_id;

-- Where somebody was booked twice at once, in two roles, the time stays with the consulta in which they are the paciente.
INSERT IGNORE INTO celula (pessoa_id, celula, consulta_id)
    SELECT m.pessoa_id, c.celula, c.consulta_id
    FROM celula_do_profissional c JOIN profissional m ON m.id = c.profissional_id;

DROP TABLE IF EXISTS celula_do_paciente;

DROP TABLE IF EXISTS celula_do_profissional;
