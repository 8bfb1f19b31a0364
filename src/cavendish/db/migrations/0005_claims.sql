-- How often a generation was left behind by its worker, apart from tries that were only put off: `fence` counts both.

ALTER TABLE cavendish.generations ADD COLUMN claims smallint NOT NULL DEFAULT 0;
