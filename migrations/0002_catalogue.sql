-- What is protected: releases, recordings and the fingerprint by which each is recognised.

-- For words inside names (`like '%word%'`) in a catalogue of a million rows; a trusted extension.
create extension if not exists pg_trgm;

create table release (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  title         text not null check (length(title) between 1 and 500),
  upc           text check (upc ~ '^[0-9]{8,14}$'),
  label         text check (length(label) <= 300),
  release_date  date,
  created_at    timestamptz not null default now()
);
create unique index release_by_upc on release (tenant_id, upc) where upc is not null;
create unique index release_by_title on release (tenant_id, title, coalesce(label, '')) where upc is null;
call close_to_tenant('release');
grant select, insert, update on release to earwitness_api, earwitness_worker;

-- `stage` names the job that must run next, so the row is its own outbox: whatever happens to the
-- queue, the sweeper rebuilds it from this column. `index` = audio was uploaded and must be
-- fingerprinted; `registered` = no audio yet, names and identifiers only; `done` = recognisable.
create table recording (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  release_id     uuid references release,
  title          text not null check (length(title) between 1 and 500),
  version        text check (length(version) <= 200),
  artists        text[] not null check (cardinality(artists) between 1 and 50),
  isrc           text check (isrc ~ '^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$'),
  duration_ms    integer check (duration_ms > 0),
  rights_holder  text not null check (length(rights_holder) between 1 and 300),
  p_line         text check (length(p_line) <= 300),
  territories    text[] not null default '{Worldwide}',
  -- Names without case and width, for search and for recognising a second registration.
  search_key     text not null,
  name_key       text not null,
  stage          text not null check (stage in ('index', 'registered', 'done', 'failed')),
  stage_since    timestamptz not null default now(),
  failed_stage   text,
  problem        jsonb,
  tries          integer not null default 0,    -- of this stage, counted before the work begins
  progress       real not null default 0 check (progress between 0 and 1),
  audio_sha256   text check (audio_sha256 ~ '^[0-9a-f]{64}$'),
  audio_held     boolean not null default false,
  -- in milliseconds, as cursors of lists carry it: a finer time would make a page skip rows
  created_at     timestamptz(3) not null default now(),
  check ((stage = 'failed') = (problem is not null)),
  check (stage <> 'index' or audio_sha256 is not null)
);
-- The same recording is registered once: by its ISRC, and as long as it has none by its names.
create unique index recording_by_isrc on recording (tenant_id, isrc) where isrc is not null;
create unique index recording_without_isrc on recording (tenant_id, name_key) where isrc is null;
create index recording_by_name on recording (tenant_id, name_key);
create index recording_by_age on recording (tenant_id, created_at desc, id desc);
create index recording_by_words on recording using gin (search_key gin_trgm_ops);
create index recording_by_audio on recording (audio_sha256) where audio_sha256 is not null;
create index recording_unfinished on recording (stage_since) where stage = 'index';
call close_to_tenant('recording');
grant select, insert, update, delete on recording to earwitness_api, earwitness_worker;

-- The fingerprint of a recording. `changed_in` is the writing transaction: matchers catch up by
-- reading what was written since the oldest transaction that was open when they last looked.
create table reference (
  recording_id        uuid primary key references recording on delete cascade,
  tenant_id           uuid not null references tenant,
  engine_version      integer not null,
  fingerprint         bytea not null check (length(fingerprint) <= 16000000),
  fingerprint_sha256  text not null check (fingerprint_sha256 ~ '^[0-9a-f]{64}$'),
  duration_ms         integer not null check (duration_ms > 0),
  made_by             text not null check (made_by in ('upload', 'local')),
  created_at          timestamptz not null default now(),
  changed_in          xid8 not null default pg_current_xact_id()
);
alter table reference alter column fingerprint set storage external;  -- dense already: compressing costs only time
create index reference_changes on reference (changed_in);
create unique index reference_by_fingerprint on reference (tenant_id, fingerprint_sha256);
call close_to_tenant('reference');
grant select, insert, update, delete on reference to earwitness_api, earwitness_worker;

-- Matchers must hear of what is gone, too.
create table reference_removal (
  recording_id  uuid not null,
  tenant_id     uuid not null references tenant,
  changed_in    xid8 not null default pg_current_xact_id()
);
create index reference_removal_changes on reference_removal (changed_in);
call close_to_tenant('reference_removal');
grant insert on reference_removal to earwitness_api;
grant select, insert, delete on reference_removal to earwitness_worker;

create function note_removal() returns trigger language plpgsql as $$
begin
  insert into reference_removal (recording_id, tenant_id) values (old.recording_id, old.tenant_id);
  return old;
end $$;
create trigger removal_noted after delete on reference for each row execute function note_removal();

-- Search within names. Under row-level security the planner may not use an index for `like`, because the
-- operator could tell of rows that the policy hides; this function runs as the tables' owner and applies
-- the policy's condition itself. Planned anew for each search: a rare word wants the index of words, a
-- common one the order of the list.
--
-- patterns: for `like`, all must hold; the longest first. Answers ids, newest first, after a row if one is given.
create function search_recordings(patterns text[], in_stage text, after_at timestamptz, after_id uuid, rows_max integer)
returns setof uuid language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return query execute '
    select id from recording
     where tenant_id = $1 and search_key like $2 and search_key like all ($3)
       and ($4::text is null or stage = $4)
       and ($5::timestamptz is null or (created_at, id) < ($5, $6))
     order by created_at desc, id desc limit $7'
  using current_tenant(), patterns[1], patterns, in_stage, after_at, after_id, rows_max;
end $$;
revoke all on function search_recordings from public;
grant execute on function search_recordings to earwitness_api;
