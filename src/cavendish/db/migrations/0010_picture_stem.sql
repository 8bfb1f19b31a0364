-- What the names of a generation's pictures begin with, so that the sweep knows whose an unsettled file is. Null: no
-- worker that knows this column has claimed it; then a file's age alone protects it, as before.
ALTER TABLE cavendish.generations ADD COLUMN picture_stem text;
