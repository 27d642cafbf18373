-- Whole catalogues come in as files; what they tell of a recording and of the rights in it is kept.

alter table recording
  add column featured     text[] not null default '{}' check (cardinality(featured) <= 50),
  add column iswc         text check (iswc ~ '^T[0-9]{10}$'),
  add column language     text check (length(language) between 1 and 35),    -- BCP 47
  add column genre        text check (length(genre) between 1 and 100),
  add column explicit     boolean,
  add column own_id       text check (length(own_id) between 1 and 200),     -- the holder's own number
  -- What is done about a copy: `block` opens a case, `monitor` only counts it, `allow` lets it be.
  add column policy       text not null default 'block' check (policy in ('block', 'monitor', 'allow')),
  -- Addresses and channels where it may be found by the holder's leave, as a catalogue names them.
  add column authorised   text[] not null default '{}' check (cardinality(authorised) <= 200),
  -- The holder no longer claims it. It stays, because cases may speak of it, and is no longer matched.
  add column withdrawn_at timestamptz;

-- What is asked for by its stage leaves out what is no longer claimed: it is not recognised, however far it had come.
create or replace function search_recordings(patterns text[], in_stage text, after_at timestamptz, after_id uuid, rows_max integer)
returns setof uuid language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return query execute '
    select id from recording
     where tenant_id = $1 and search_key like $2 and search_key like all ($3)
       and ($4::text is null or (stage = $4 and withdrawn_at is null))
       and ($5::timestamptz is null or (created_at, id) < ($5, $6))
     order by created_at desc, id desc limit $7'
  using current_tenant(), patterns[1], patterns, in_stage, after_at, after_id, rows_max;
end $$;

alter table release
  add column grid           text check (grid ~ '^A1[A-Z0-9]{16}$'),
  add column catalog_number text check (length(catalog_number) between 1 and 100),
  add column c_line         text check (length(c_line) between 1 and 300);
create index release_by_grid on release (tenant_id, grid) where grid is not null;
create index release_by_catalog_number on release (tenant_id, catalog_number) where catalog_number is not null;
create index recording_by_release on recording (release_id) where release_id is not null;

-- A holder's rights in a recording. None: its owner, of the whole, worldwide, not told otherwise.
create table recording_right (
  recording_id          uuid not null references recording on delete cascade,
  position              integer not null check (position between 1 and 50),  -- 1 is what catalogues tell
  tenant_id             uuid not null references tenant,
  role                  text not null default 'owner' check (role in ('owner', 'exclusive-licensee', 'agent')),
  share_percent         numeric(5, 2) not null default 100 check (share_percent > 0 and share_percent <= 100),
  territories           text[] not null default '{Worldwide}'
    check (cardinality(territories) between 1 and 250
           and array_to_string(territories, ' ') ~ '^(Worldwide|[A-Z]{2}( [A-Z]{2})*)$'),
  excluded_territories  text[] not null default '{}'
    check (excluded_territories = '{}' or (territories = '{Worldwide}' and cardinality(excluded_territories) <= 250
           and array_to_string(excluded_territories, ' ') ~ '^[A-Z]{2}( [A-Z]{2})*$')),
  valid_from            date,
  valid_to              date,
  -- What proves it, and until when.
  document_name         text check (length(document_name) between 1 and 300),
  document_sha256       text check (document_sha256 ~ '^[0-9a-f]{64}$'),
  document_expires      date,
  primary key (recording_id, position),
  check (valid_from <= valid_to)
);
call close_to_tenant('recording_right');
grant select, insert, update, delete on recording_right to earwitness_api, earwitness_worker;

insert into recording_right (recording_id, position, tenant_id, territories)
select id, 1, tenant_id, territories from recording where not 'Worldwide' = any (territories);
alter table recording drop column territories;

-- A file of a catalogue and what became of its rows. `import` names the job; batches are written one by one, each
-- with the counts below, so that a run that was broken off goes on behind `entries`.
create table catalogue_import (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  kind          text not null check (kind in ('csv', 'ern', 'musicbrainz')),
  file_name     text not null check (length(file_name) between 1 and 500),
  blob_sha256   text not null check (blob_sha256 ~ '^[0-9a-f]{64}$'),
  bytes         bigint not null check (bytes > 0),
  options       jsonb not null default '{}',
  dry_run       boolean not null,
  stage         text not null check (stage in ('import', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  facts         jsonb,                                 -- what the file says of itself
  same_as       uuid references catalogue_import,      -- the import that brought the same message before
  entries       integer not null default 0 check (entries >= 0),    -- of the file that are dealt with
  rows          integer not null default 0 check (rows >= 0),
  created       integer not null default 0 check (created >= 0),
  updated       integer not null default 0 check (updated >= 0),
  unchanged     integer not null default 0 check (unchanged >= 0),
  purged        integer not null default 0 check (purged >= 0),
  errors        integer not null default 0 check (errors >= 0),     -- rows that were not taken in
  warnings      integer not null default 0 check (warnings >= 0),   -- remarks on rows that were
  requested_by  text not null,
  created_at    timestamptz(3) not null default now(),              -- in milliseconds, as cursors carry it
  check ((stage = 'failed') = (problem is not null)),
  check (same_as <> id)
);
create index catalogue_import_by_age on catalogue_import (tenant_id, created_at desc, id desc);
create index catalogue_import_unfinished on catalogue_import (stage_since) where stage = 'import';
create index catalogue_import_by_blob on catalogue_import (blob_sha256);
create index catalogue_import_by_message on catalogue_import (tenant_id, (facts ->> 'sender'), (facts ->> 'messageId'))
  where facts ->> 'messageId' is not null and stage = 'done' and not dry_run;
call close_to_tenant('catalogue_import');
grant select, insert, update on catalogue_import to earwitness_api;
grant select, update on catalogue_import to earwitness_worker;

-- What was wrong with a row or odd about it; the first ten thousand of each, the rest is only counted.
create table catalogue_import_error (
  import_id    uuid not null references catalogue_import,
  number       integer not null check (number > 0),
  tenant_id    uuid not null references tenant,
  row          integer not null check (row >= 0),
  column_name  text not null check (length(column_name) <= 200),
  code         text not null check (length(code) between 1 and 50),
  message      text not null check (length(message) <= 1000),
  severity     text not null check (severity in ('error', 'warning')),
  primary key (import_id, number)
);
call close_to_tenant('catalogue_import_error');
grant select, delete on catalogue_import_error to earwitness_api;
grant select, insert on catalogue_import_error to earwitness_worker;

-- What an import changed in recordings that were there: field → { from, to }.
create table catalogue_import_change (
  import_id     uuid not null references catalogue_import,
  number        integer not null check (number > 0),
  tenant_id     uuid not null references tenant,
  row           integer not null check (row >= 0),
  recording_id  uuid not null,                          -- of one that may be removed since
  fields        jsonb not null,
  primary key (import_id, number)
);
call close_to_tenant('catalogue_import_change');
grant select, delete on catalogue_import_change to earwitness_api;
grant select, insert on catalogue_import_change to earwitness_worker;

-- Cells that a person corrected: the next run reads them instead of the file's.
create table catalogue_import_fix (
  import_id    uuid not null references catalogue_import,
  row          integer not null check (row > 0),
  column_name  text not null check (length(column_name) between 1 and 200),
  tenant_id    uuid not null references tenant,
  value        text not null check (length(value) <= 2000),
  primary key (import_id, row, column_name)
);
call close_to_tenant('catalogue_import_fix');
grant select, insert, update, delete on catalogue_import_fix to earwitness_api;
grant select on catalogue_import_fix to earwitness_worker;
