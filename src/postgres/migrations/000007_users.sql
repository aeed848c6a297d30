-- Who may log in at the gateway of `clusterflow ingest`. E-mail addresses are in lower case, so that each is one user.

CREATE TABLE clusterflow.users (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          text NOT NULL,
  email         text NOT NULL UNIQUE CHECK (email = lower(email)),
  -- says itself how it was made: scrypt$N$r$p$salt$hash
  password_hash text NOT NULL,
  role          text NOT NULL CHECK (role IN ('writer', 'reader')),
  created_at    timestamptz NOT NULL DEFAULT now()
);
