-- A CPF that was typed wrongly is corrected by an administrator, who says why; what it was stays on record.
CREATE TABLE correcao_de_cpf (
    id BINARY(16) NOT NULL,
    pessoa_id BINARY(16) NOT NULL,
    de CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    para CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    justificativa VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    por BINARY(16) NOT NULL,
    em DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY correcao_de_cpf_pessoa (pessoa_id, em),
    CONSTRAINT correcao_de_cpf_pessoa FOREIGN KEY (pessoa_id) REFERENCES pessoa (id),
    CONSTRAINT correcao_de_cpf_por FOREIGN KEY (por) REFERENCES usuario (id)
) ENGINE = InnoDB;

-- Who may be one person was born on one day: two desks that register somebody of the same day wait here for each other,
-- so that the second sees whom the first has registered. Days share sixteen turns.
INSERT INTO vez (de, numero) VALUES
    ('nascidos 0', 0), ('nascidos 1', 0), ('nascidos 2', 0), ('nascidos 3', 0),
    ('nascidos 4', 0), ('nascidos 5', 0), ('nascidos 6', 0), ('nascidos 7', 0),
    ('nascidos 8', 0), ('nascidos 9', 0), ('nascidos 10', 0), ('nascidos 11', 0),
    ('nascidos 12', 0), ('nascidos 13', 0), ('nascidos 14', 0), ('nascidos 15', 0);
