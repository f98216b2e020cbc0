-- The least rights that the user who migrates needs (SGHSS_MIGRATE_DATABASE_URL), in the application's database alone.
-- Run as an administrator; the user itself is made beforehand:
--     CREATE USER 'sghss_migra'@'%' IDENTIFIED BY '…';
-- It is never the user that serves: that one can't alter a table.

GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES, TRIGGER, CREATE VIEW
    ON sghss.* TO 'sghss_migra'@'%';
-- A table whose rows a migration moves into another one (the grant precedes the table, which asks for CREATE).
GRANT CREATE, DROP ON sghss.paciente_palavra TO 'sghss_migra'@'%';
