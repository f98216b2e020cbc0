-- The least rights that the application's own user needs, given table by table after the migrations.
-- Generated (make docs) from what each room says of its tables in its sala.py.
-- Run as an administrator in the application's database; the user itself is made beforehand:
--     CREATE USER 'sghss_app'@'%' IDENTIFIED BY '…';
-- No DELETE or UPDATE where records must stay, no DROP, ALTER or TRIGGER anywhere.

GRANT SELECT, INSERT, UPDATE, DELETE ON sessao TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON token_de_renovacao TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON tentativa_de_login TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON falha_de_login TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON rede_conhecida TO 'sghss_app'@'%';
GRANT SELECT, INSERT ON auditoria TO 'sghss_app'@'%';
GRANT SELECT, INSERT ON auditoria_visto TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON repeticao TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON tarefa TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON pessoa TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON pessoa_inicio TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON endereco TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON documento_de_identificacao TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON contato TO 'sghss_app'@'%';
GRANT SELECT, INSERT ON correcao_de_cpf TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON codigo_de_acesso TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON codigo_emitido TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON usuario TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON usuario_papel TO 'sghss_app'@'%';
GRANT UPDATE, SELECT ON vez TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON paciente TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON profissional TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON profissional_especialidade TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON unidade TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON unidade_aberta TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON sala TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON tipo_de_atendimento TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON cuidado TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON acesso_de_emergencia TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON cuidado_compartilhado TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON unificacao TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON mesma_pessoa TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON turno TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON turno_tipo TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON bloqueio TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON tempo TO 'sghss_app'@'%';
GRANT SELECT, INSERT, DELETE ON reserva TO 'sghss_app'@'%';
GRANT SELECT, INSERT, UPDATE ON consulta TO 'sghss_app'@'%';
GRANT SELECT, INSERT ON consulta_mudanca TO 'sghss_app'@'%';
GRANT SELECT ON vinculo TO 'sghss_app'@'%';
GRANT SELECT, INSERT ON prontuario TO 'sghss_app'@'%';
GRANT SELECT ON migracao TO 'sghss_app'@'%';
