-- What was handed in as suspect, what was captured of it, and how far each piece has come.

create table submission (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  kind          text not null check (kind in ('url', 'file')),
  url           text check (length(url) <= 2048),
  file_name     text check (length(file_name) <= 500),
  note          text check (length(note) <= 2000),
  stage         text not null check (stage in ('fetch', 'unpack', 'compare', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  blob_sha256   text check (blob_sha256 ~ '^[0-9a-f]{64}$'),
  bytes         bigint check (bytes >= 0),
  submitted_by  text not null,
  created_at    timestamptz(3) not null default now(),  -- in milliseconds, as cursors carry it
  check ((kind = 'url') = (url is not null)),
  check ((stage = 'failed') = (problem is not null)),
  check (stage in ('fetch', 'failed') or blob_sha256 is not null)
);
-- An address that is still being worked on is not handed in a second time.
create unique index submission_in_work on submission (tenant_id, url) where url is not null and stage in ('fetch', 'unpack', 'compare');
create index submission_by_age on submission (tenant_id, created_at desc, id desc);
create index submission_unfinished on submission (stage_since) where stage in ('fetch', 'unpack', 'compare');
create index submission_by_blob on submission (blob_sha256) where blob_sha256 is not null;
call close_to_tenant('submission');
grant select, insert, update on submission to earwitness_api, earwitness_worker;

-- What was seen at an address and when: evidence, so it is written once and never changed.
create table capture (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  submission_id  uuid not null references submission,
  requested_url  text not null,
  final_url      text not null,
  redirects      jsonb not null,
  status         integer not null,
  headers        jsonb not null,
  address        inet not null,               -- of the host that served it; never a person's
  tls            jsonb,
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes          bigint not null check (bytes >= 0),
  started_at     timestamptz not null,
  ended_at       timestamptz not null
);
create index capture_by_submission on capture (submission_id);
call close_to_tenant('capture');
grant select on capture to earwitness_api;
grant select, insert on capture to earwitness_worker;
create trigger append_only before update or delete on capture for each row execute function refuse_change();

-- One thing to examine: the file itself, or a member of what was unpacked.
create table item (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  submission_id  uuid not null references submission,
  parent_id      uuid references item,
  name           text not null check (length(name) between 1 and 500),
  media_type     text not null,
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes          bigint not null check (bytes > 0),
  stage          text not null check (stage in ('fingerprint', 'match', 'done', 'failed')),
  stage_since    timestamptz not null default now(),
  failed_stage   text,
  problem        jsonb,
  tries          integer not null default 0,
  progress       real not null default 0 check (progress between 0 and 1),
  duration_ms    integer check (duration_ms > 0),
  tags           jsonb,                       -- identifiers and names found inside the file
  compared       jsonb,                       -- what it was held against: recordings, hours, engine
  media_held     boolean not null default false,
  created_at     timestamptz not null default now(),
  unique (submission_id, name),
  check ((stage = 'failed') = (problem is not null))
);
create index item_unfinished on item (stage_since) where stage in ('fingerprint', 'match');
create index item_by_file on item (sha256);
call close_to_tenant('item');
grant select, update (stage, failed_stage, stage_since, problem, tries, progress) on item to earwitness_api;  -- to try again
grant select, insert, update on item to earwitness_worker;

-- Fingerprints of suspects, by content: the same file is decoded once per engine version, whoever sends it.
-- It has no tenant and the API's role has no way to it.
create table suspect_fingerprint (
  sha256          text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  engine_version  integer not null,
  fingerprint     bytea not null,
  duration_ms     integer not null check (duration_ms > 0),
  truncated       boolean not null default false,
  created_at      timestamptz not null default now(),
  primary key (sha256, engine_version)
);
alter table suspect_fingerprint alter column fingerprint set storage external;
grant select, insert on suspect_fingerprint to earwitness_worker;
