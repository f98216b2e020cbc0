-- Failed log-ins, by the pair of CPF and network, by the network alone, and by the CPF alone; and the networks from which
-- somebody logged in well. A network is an IPv4 address, or the first half of an IPv6 address. tentativa_de_login, which
-- counted by CPF alone (so that anyone could lock anyone out), is of the versions before.

CREATE TABLE falha_de_login (
    chave VARBINARY(32) NOT NULL,
    falhas INT UNSIGNED NOT NULL,
    desde DATETIME(6) NOT NULL,
    ultima DATETIME(6) NOT NULL,
    bloqueada_ate DATETIME(6) NULL,
    PRIMARY KEY (chave),
    KEY falha_de_login_ultima (ultima)
) ENGINE = InnoDB;

CREATE TABLE rede_conhecida (
    usuario_id BINARY(16) NOT NULL,
    rede VARBINARY(8) NOT NULL,
    ultima DATETIME(6) NOT NULL,
    PRIMARY KEY (usuario_id, rede),
    KEY rede_conhecida_ultima (ultima),
    CONSTRAINT rede_conhecida_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id) ON DELETE RESTRICT
) ENGINE = InnoDB;
