-- The least rights that the user who migrates needs (SGHSS_MIGRATE_DATABASE_URL), in the application's database alone.
-- Run as an administrator; the user itself is made beforehand:
--     CREATE USER 'sghss_migra'@'%' IDENTIFIED BY '…';
-- It is never the user that serves: that one can't alter a table.

GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES, TRIGGER, CREATE VIEW
    ON sghss.* TO 'sghss_migra'@'%';
-- What a migration takes away, or gives another name (the grant precedes the table, which asks for CREATE).
GRANT CREATE, DROP ON sghss.paciente_palavra TO 'sghss_migra'@'%';
GRANT CREATE, DROP, ALTER ON sghss.medico TO 'sghss_migra'@'%';
GRANT CREATE, DROP, ALTER ON sghss.medico_palavra TO 'sghss_migra'@'%';
GRANT CREATE, DROP, ALTER ON sghss.medico_especialidade TO 'sghss_migra'@'%';
GRANT CREATE, DROP, ALTER ON sghss.celula_do_medico TO 'sghss_migra'@'%';
GRANT CREATE, CREATE VIEW, DROP ON sghss.vinculo TO 'sghss_migra'@'%';
GRANT CREATE, DROP, ALTER ON sghss.paciente_inicio TO 'sghss_migra'@'%';
GRANT CREATE, DROP ON sghss.profissional_palavra TO 'sghss_migra'@'%';
GRANT CREATE, DROP ON sghss.celula_do_profissional TO 'sghss_migra'@'%';
GRANT CREATE, DROP ON sghss.celula_do_paciente TO 'sghss_migra'@'%';
GRANT CREATE, DROP ON sghss.celula TO 'sghss_migra'@'%';
