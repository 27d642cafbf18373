-- Coarse drawings of spectrograms (services/audio/extract/sketch.ts), so that people can see what was found.
-- All are optional: what was fingerprinted before, or elsewhere, has none and is shown without.

-- The limit is that of a day of audio in which nothing repeats.
alter table reference add column sketch bytea check (octet_length(sketch) <= 8000000);
alter table reference alter column sketch set storage external;  -- dense already, as the fingerprint
alter table suspect_fingerprint add column sketch bytea check (octet_length(sketch) <= 8000000);
alter table suspect_fingerprint alter column sketch set storage external;

-- The two stretches that meet are kept with what was found: references are replaced, and the fingerprints
-- of suspects, which have no tenant, are not for the API's role to read.
alter table passage add column suspect_sketch bytea check (octet_length(suspect_sketch) <= 4000);
alter table passage add column reference_sketch bytea check (octet_length(reference_sketch) <= 4000);
