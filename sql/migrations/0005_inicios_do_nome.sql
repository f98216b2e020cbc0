-- Every start of every word of a paciente's names, in the order of names: a search reads one list from where its page
-- begins, and stops when the page is full, however many pacientes there are. It takes the place of paciente_palavra.

CREATE TABLE paciente_inicio (
    inicio VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    nome_ordem VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'as in paciente',
    paciente_id BINARY(16) NOT NULL,
    PRIMARY KEY (inicio, nome_ordem, paciente_id),
    KEY paciente_inicio_paciente (paciente_id),
    CONSTRAINT paciente_inicio_paciente FOREIGN KEY (paciente_id) REFERENCES paciente (id)
) ENGINE = InnoDB;

REPLACE INTO paciente_inicio (inicio, nome_ordem, paciente_id)
    WITH RECURSIVE tamanho (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM tamanho WHERE n < 60)
    SELECT LEFT(w.palavra, t.n), p.nome_ordem, p.id
    FROM paciente_palavra w JOIN paciente p ON p.id = w.paciente_id JOIN tamanho t ON t.n <= CHAR_LENGTH(w.palavra);

DROP TABLE IF EXISTS paciente_palavra;
