-- exige parada: quem serve sem ela desmarcaria uma consulta sem descer o que está encaixado por cima.
-- A time is booked over on purpose, held for a while, and booked in series.

ALTER TABLE consulta
    ADD COLUMN encaixe BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'booked over what there is, on purpose',
    ADD COLUMN serie_id BINARY(16) NULL COMMENT 'of those that were booked together',
    ADD COLUMN na_recepcao BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'booked by staff, who therefore know why';

UPDATE consulta c JOIN consulta_mudanca m ON m.consulta_id = c.id AND m.numero = 1
JOIN usuario u ON u.id = m.usuario_id JOIN paciente p ON p.id = c.paciente_id
JOIN profissional a ON a.id = c.profissional_id
SET c.na_recepcao = TRUE
WHERE m.papel IN ('RECEPCAO', 'ADMINISTRADOR')
OR m.papel IS NULL AND u.pessoa_id NOT IN (p.pessoa_id, a.pessoa_id) AND EXISTS (
    SELECT 1 FROM usuario_papel r WHERE r.usuario_id = u.id AND r.papel IN ('RECEPCAO', 'ADMINISTRADOR')
);

-- A time that is held for whoever fills a form; it has cells as a consulta has.
CREATE TABLE reserva (
    id BINARY(16) NOT NULL,
    usuario_id BINARY(16) NOT NULL,
    vaga TINYINT UNSIGNED NOT NULL COMMENT 'which of those that one usuario may have at once',
    profissional_id BINARY(16) NOT NULL,
    unidade_id BINARY(16) NOT NULL,
    sala_id BINARY(16) NULL,
    tipo_id BINARY(16) NULL,
    inicio DATETIME(6) NOT NULL,
    fim DATETIME(6) NOT NULL,
    intervalo SMALLINT UNSIGNED NOT NULL COMMENT 'minutes after it that are taken too',
    expira_em DATETIME(6) NOT NULL,
    coisas VARBINARY(1600) NOT NULL COMMENT 'keys of the pessoas and salas whose time is taken, one after the other',
    PRIMARY KEY (id),
    UNIQUE KEY reserva_vaga (usuario_id, vaga),
    KEY reserva_expira_em (expira_em),
    KEY reserva_profissional (profissional_id),
    KEY reserva_unidade (unidade_id),
    KEY reserva_sala (sala_id, unidade_id),
    KEY reserva_tipo (tipo_id),
    CONSTRAINT reserva_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id),
    CONSTRAINT reserva_profissional FOREIGN KEY (profissional_id) REFERENCES profissional (id),
    CONSTRAINT reserva_unidade FOREIGN KEY (unidade_id) REFERENCES unidade (id),
    CONSTRAINT reserva_sala FOREIGN KEY (sala_id, unidade_id) REFERENCES sala (id, unidade_id),
    CONSTRAINT reserva_tipo FOREIGN KEY (tipo_id) REFERENCES tipo_de_atendimento (id),
    CONSTRAINT reserva_ordem CHECK (inicio < fim)
) ENGINE = InnoDB;

-- A cell is of a consulta or of a reserva, which has it until it expires; what is expired counts for nothing.
ALTER TABLE tempo
    MODIFY COLUMN consulta_id BINARY(16) NULL,
    ADD COLUMN reserva_id BINARY(16) NULL,
    ADD COLUMN ate DATETIME(6) NULL COMMENT 'until when it is held; NULL is for a consulta',
    ADD CONSTRAINT tempo_de_que CHECK ((consulta_id IS NULL) <> (reserva_id IS NULL)),
    ADD CONSTRAINT tempo_ate CHECK ((reserva_id IS NULL) = (ate IS NULL));
