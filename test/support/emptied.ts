/** Takes everything out of a test's database, whatever schemas there are. */
export const EMPTIED = `
  DO $$ DECLARE found text; BEGIN
    FOR found IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
      EXECUTE format('DROP SCHEMA %I CASCADE', found);
    END LOOP;
    CREATE SCHEMA public;
  END $$`;
