-- What people make with a key falls with it. The code before this one leaves all of it empty, which says nothing.

ALTER TABLE cavendish.api_keys ADD COLUMN falls_with text[] NOT NULL DEFAULT '{}';     -- keys: revoked with each of them
ALTER TABLE cavendish.sessions ADD COLUMN falls_with text[] NOT NULL DEFAULT '{}';     -- beside its key
ALTER TABLE cavendish.login_links ADD COLUMN falls_with text[] NOT NULL DEFAULT '{}';
