-- exige parada: a versão anterior leria de menos, ou de mais, quem está sob os cuidados de quem.
-- Whom a profissional has in care, and until when: a row for each source, which the mutation that makes it decides and the
-- one that ends it takes away. Whoever reads asks for one row that is still good.

CREATE TABLE cuidado (
    origem_id BINARY(16) NOT NULL COMMENT 'the consulta, the shared care or the emergency that it comes from',
    profissional_id BINARY(16) NOT NULL,
    paciente_id BINARY(16) NOT NULL,
    fonte VARCHAR(13) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ate DATETIME(6) NOT NULL,
    PRIMARY KEY (origem_id),
    KEY cuidado_par (profissional_id, paciente_id, ate),
    KEY cuidado_paciente (paciente_id),
    CONSTRAINT cuidado_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id),
    CONSTRAINT cuidado_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id),
    CONSTRAINT cuidado_fonte CHECK (fonte IN ('CONSULTA', 'COMPARTILHADO', 'EMERGENCIA'))
) ENGINE = InnoDB;

CREATE TABLE acesso_de_emergencia (
    id BINARY(16) NOT NULL,
    profissional_id BINARY(16) NOT NULL,
    paciente_id BINARY(16) NOT NULL,
    justificativa VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    inicio DATETIME(6) NOT NULL,
    ate DATETIME(6) NOT NULL,
    encerrado_em DATETIME(6) NULL,
    encerrado_por BINARY(16) NULL,
    PRIMARY KEY (id),
    KEY acesso_de_emergencia_inicio (inicio, id),
    KEY acesso_de_emergencia_profissional (profissional_id, inicio),
    KEY acesso_de_emergencia_paciente (paciente_id, inicio),
    CONSTRAINT acesso_de_emergencia_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id),
    CONSTRAINT acesso_de_emergencia_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id),
    CONSTRAINT acesso_de_emergencia_encerrado_por FOREIGN KEY (encerrado_por) REFERENCES usuario (id)
) ENGINE = InnoDB;

CREATE TABLE cuidado_compartilhado (
    id BINARY(16) NOT NULL,
    profissional_id BINARY(16) NOT NULL COMMENT 'with whom',
    paciente_id BINARY(16) NOT NULL,
    por BINARY(16) NOT NULL COMMENT 'the usuario who shared it',
    motivo VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    desde DATETIME(6) NOT NULL,
    ate DATETIME(6) NOT NULL,
    encerrado_em DATETIME(6) NULL,
    encerrado_por BINARY(16) NULL,
    PRIMARY KEY (id),
    KEY cuidado_compartilhado_profissional (profissional_id, desde),
    KEY cuidado_compartilhado_paciente (paciente_id, desde),
    KEY cuidado_compartilhado_por (por, desde),
    CONSTRAINT cuidado_compartilhado_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id),
    CONSTRAINT cuidado_compartilhado_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id),
    CONSTRAINT cuidado_compartilhado_por FOREIGN KEY (por) REFERENCES usuario (id),
    CONSTRAINT cuidado_compartilhado_encerrado_por FOREIGN KEY (encerrado_por) REFERENCES usuario (id)
) ENGINE = InnoDB;

-- A consulta that an account booked which nobody has verified gives care once it is.
ALTER TABLE consulta ADD COLUMN por_verificar BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE consulta c
    JOIN consulta_mudanca m ON m.consulta_id = c.id AND m.numero = 1
    JOIN usuario u ON u.id = m.usuario_id
    JOIN paciente p ON p.id = c.paciente_id AND p.pessoa_id = u.pessoa_id
    SET c.por_verificar = TRUE
    WHERE u.verificado_em IS NULL;

-- A consulta of before gives care for a year after its end, unless its own profissional booked it.
INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate)
    SELECT c.id, c.profissional_id, c.paciente_id, 'CONSULTA', c.fim + INTERVAL 365 DAY
    FROM consulta c
    JOIN consulta_mudanca m ON m.consulta_id = c.id AND m.numero = 1
    JOIN usuario u ON u.id = m.usuario_id
    JOIN profissional f ON f.id = c.profissional_id
    WHERE c.situacao NOT IN ('CANCELADA', 'FALTOU') AND u.pessoa_id <> f.pessoa_id AND NOT c.por_verificar;

-- One that they booked themself does where they had the paciente in care already.
INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate)
    SELECT c.id, c.profissional_id, c.paciente_id, 'CONSULTA', c.fim + INTERVAL 365 DAY
    FROM consulta c
    JOIN consulta_mudanca m ON m.consulta_id = c.id AND m.numero = 1
    JOIN usuario u ON u.id = m.usuario_id
    JOIN profissional f ON f.id = c.profissional_id
    WHERE c.situacao NOT IN ('CANCELADA', 'FALTOU') AND u.pessoa_id = f.pessoa_id AND EXISTS (
        SELECT 1 FROM consulta a JOIN cuidado k ON k.origem_id = a.id
        WHERE a.profissional_id = c.profissional_id AND a.paciente_id = c.paciente_id AND a.criado_em < c.criado_em
    );

DROP VIEW vinculo;

-- The one definition of "patients on their agenda": any consulta, in any state.
CREATE VIEW vinculo AS
    SELECT profissional_id, paciente_id FROM consulta;
