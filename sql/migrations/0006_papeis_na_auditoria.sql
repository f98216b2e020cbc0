-- exige parada: a versão anterior recusa qualquer migração que não conhece.
-- The column that holds all papéis that one person can have, and those to come.

ALTER TABLE auditoria MODIFY papeis VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'theirs then, with a space between';
