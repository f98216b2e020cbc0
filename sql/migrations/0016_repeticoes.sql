-- What was asked for under an Idempotency-Key, and what became of it: written in the transaction of its effect.
CREATE TABLE repeticao (
    usuario_id BINARY(16) NOT NULL,
    chave BINARY(32) NOT NULL COMMENT 'SHA-256 of the key',
    pedido BINARY(32) NOT NULL COMMENT 'HMAC of operation and variables under a key of the server',
    resultado BINARY(16) NULL COMMENT 'key of what was made or changed',
    erros TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'JSON, of what was refused',
    criado_em DATETIME(6) NOT NULL,
    PRIMARY KEY (usuario_id, chave),
    KEY repeticao_criado_em (criado_em),
    CONSTRAINT repeticao_usuario FOREIGN KEY (usuario_id) REFERENCES usuario (id)
) ENGINE = InnoDB;
