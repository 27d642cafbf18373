-- Covers are compared, and audio, names and cover make one confidence that says what it is made of.

-- What the covers of our releases look like: hashes (services/artwork/cover.ts, `encodeCover`), never the picture.
-- A recording that came out on no release has its own. `tags`: found in audio that was uploaded; `upload`: hashed
-- where the recording was registered from.
create table release_cover (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  release_id    uuid references release on delete cascade,
  recording_id  uuid references recording on delete cascade,
  cover         bytea not null check (length(cover) in (34, 66)),
  source        text not null check (source in ('tags', 'upload')),
  made_at       timestamptz not null default now(),
  check (num_nonnulls(release_id, recording_id) = 1)
);
-- All tracks of a release bring the same cover; it is kept once.
create unique index release_cover_once on release_cover (release_id, cover) where release_id is not null;
create unique index release_cover_of_recording_once on release_cover (recording_id, cover) where recording_id is not null;
call close_to_tenant('release_cover');
grant select, insert on release_cover to earwitness_api, earwitness_worker;

-- The cover inside a suspect file, in the same form; null where there is none that shows enough to be compared.
alter table item add column cover bytea check (length(cover) in (34, 66));

-- How the cover of a match's item compares with those of the recording's release: relation and distance
-- (services/matches/artwork.ts), and what its confidence is made of (services/matches/confidence.ts).
-- Null of older matches, whose confidence is that of the audio alone.
alter table match add column artwork jsonb, add column confidence_reasons jsonb;

-- One millionth below 1 is more than `real` can tell.
alter table match alter column confidence type double precision using 1 - false_match_probability;
alter table case_file alter column confidence type double precision;
update case_file c set confidence = m.confidence
  from (select case_id, max(confidence) as confidence from match where beside_id is null group by case_id) m
 where m.case_id = c.id;
