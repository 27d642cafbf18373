-- Bulk leaks and data sets: what their manifests list of a catalogue. Rows of manifests are not in the database; they lie
-- packed in files (docs/LEAKS.md).

-- Some leaks are the operator's, and every account may ask of them; an account may hold manifests of its own.
create procedure close_to_tenant_or_operator(name regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', name);
  execute format('create policy seen_rows on %s for select to earwitness_api
                    using (tenant_id is null or tenant_id = current_tenant())', name);
  execute format('create policy own_rows on %s to earwitness_api using (tenant_id = current_tenant())', name);
  execute format('create policy all_rows on %s to earwitness_worker using (true)', name);
end $$;

create table leak (
  id             uuid primary key,
  tenant_id      uuid references tenant,                          -- null: the operator's, seen by every account
  name           text not null check (length(name) between 1 and 200),
  kind           text not null check (kind in ('streaming-dump', 'data-set', 'torrent-listing', 'site-index')),
  taken_on       date,                                            -- the day that its newest rows are of
  announced_on   date,
  note           text not null default '' check (length(note) <= 4000),
  -- Why its manifests may be held, in the words of whoever brought them: without it nothing is read.
  lawful_basis   text not null check (length(lawful_basis) between 1 and 1000),
  public_check   boolean not null default false,                  -- may be asked by the private check without an account
  created_by     text not null,
  created_at     timestamptz(3) not null default now(),
  removed_at     timestamptz,                                     -- it is not asked any more, and its files are deleted
  check (tenant_id is null or not public_check)
);
create index leak_by_age on leak (created_at desc, id desc) where removed_at is null;
call close_to_tenant_or_operator('leak');
grant select, insert, update on leak to earwitness_api, earwitness_worker;

-- The parts in which a leak is published, most often by popularity.
create table leak_batch (
  leak_id          uuid not null references leak,
  number           integer not null check (number between 1 and 7),
  tenant_id        uuid references tenant,
  name             text not null check (length(name) between 1 and 100),
  popularity_from  integer check (popularity_from between 0 and 100),
  popularity_to    integer check (popularity_to between 0 and 100),
  published_on     date,                                          -- null: not published yet
  primary key (leak_id, number),
  check ((popularity_from is null) = (popularity_to is null)),
  check (popularity_from <= popularity_to)
);
call close_to_tenant_or_operator('leak_batch');
grant select, insert, update, delete on leak_batch to earwitness_api, earwitness_worker;

-- A list of what a leak has, of one or more files. `manifest` names the job that reads it.
create table leak_manifest (
  id            uuid primary key,
  leak_id       uuid not null references leak,
  tenant_id     uuid references tenant,
  name          text not null check (length(name) between 1 and 200),
  files         jsonb not null,                                   -- name, bytes, and the path of those that were not uploaded
  bytes         bigint not null check (bytes > 0),
  mapping       jsonb not null default '{}',                      -- services/leaks/manifest/fields.ts
  batch         integer not null default 0 check (batch between 0 and 7),  -- 0: its rows are of several
  stage         text not null check (stage in ('manifest', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  rows          bigint not null default 0 check (rows >= 0),      -- that were read
  faults        bigint not null default 0 check (faults >= 0),    -- rows that could not be read
  fault_sample  jsonb not null default '[]',                      -- the first of them: row, part, why
  rate          real check (rate >= 0),                           -- rows a second while it is read
  seconds_left  integer check (seconds_left >= 0),
  remark        jsonb,                                            -- what ended the reading early, when all before it was kept
  counts        jsonb,                                            -- different identifiers of each kind, when it was read
  added_by      text not null,
  created_at    timestamptz(3) not null default now(),
  check ((stage = 'failed') = (problem is not null))
);
create index leak_manifest_by_leak on leak_manifest (leak_id, created_at, id);
create index leak_manifest_unfinished on leak_manifest (stage_since) where stage = 'manifest';
call close_to_tenant_or_operator('leak_manifest');
grant select, insert, update on leak_manifest to earwitness_api, earwitness_worker;

-- A part of a catalogue is asked for in all leaks.
create table exposure_audit (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  -- `registered`: recordings that are new or changed; `manifest`, `batch`: what is known of leaks has changed.
  cause          text not null check (cause in ('asked', 'registered', 'manifest', 'batch')),
  scope          jsonb not null,                                  -- services/leaks/exposure.ts
  stage          text not null check (stage in ('audit', 'done', 'failed')),
  stage_since    timestamptz not null default now(),
  failed_stage   text,
  problem        jsonb,
  tries          integer not null default 0,
  progress       real not null default 0 check (progress between 0 and 1),
  gathering      boolean not null default false,                  -- more recordings may still join it
  summary        jsonb,                                           -- when it has ended
  result_sha256  text check (result_sha256 ~ '^[0-9a-f]{64}$'),   -- all its answers, in the blob store
  requested_by   text not null,
  created_at     timestamptz(3) not null default now(),
  check ((stage = 'failed') = (problem is not null)),
  check (stage <> 'done' or summary is not null)
);
create unique index exposure_audit_gathering on exposure_audit (tenant_id) where gathering;
create index exposure_audit_by_age on exposure_audit (tenant_id, created_at desc, id desc);
create index exposure_audit_unfinished on exposure_audit (stage_since) where stage = 'audit';
call close_to_tenant('exposure_audit');
grant select, insert, update on exposure_audit to earwitness_api, earwitness_worker;

create table exposure_audit_recording (
  audit_id      uuid not null references exposure_audit,
  recording_id  uuid not null references recording on delete cascade,
  tenant_id     uuid not null references tenant,
  primary key (audit_id, recording_id)
);
call close_to_tenant('exposure_audit_recording');
grant select, insert, delete on exposure_audit_recording to earwitness_api, earwitness_worker;

-- What is known today of a recording in a leak.
create table exposure (
  recording_id    uuid not null references recording on delete cascade,
  leak_id         uuid not null references leak,
  tenant_id       uuid not null references tenant,
  status          text not null check (status in ('audio', 'sibling', 'planned', 'metadata', 'failed', 'unknown')),
  codec           text not null check (codec in ('unknown', 'vorbis-160', 'opus-75', 'other')),
  popularity      integer check (popularity between 0 and 100),
  batch           integer not null default 0 check (batch between 0 and 7),
  taken_at        timestamptz(3),
  found_by        text not null check (found_by in ('isrc', 'alternative', 'names', 'address')),
  probability     real not null check (probability between 0 and 1),  -- that the rows are of this recording
  rows_found      integer not null check (rows_found > 0),
  rows            jsonb not null,                                 -- the first of them, as evidence
  audit_id        uuid not null references exposure_audit,        -- that found it last
  first_found_at  timestamptz(3) not null default now(),
  found_at        timestamptz(3) not null default now(),
  primary key (recording_id, leak_id)
);
create index exposure_by_tenant on exposure (tenant_id, leak_id, status);
call close_to_tenant('exposure');
grant select on exposure to earwitness_api;
grant select, insert, update, delete on exposure to earwitness_worker;

-- How answers changed; the recording may be removed since.
create table exposure_change (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  recording_id  uuid not null,
  leak_id       uuid not null references leak,
  audit_id      uuid not null references exposure_audit,
  before        jsonb,                                            -- null: it was not known to be in it
  after         jsonb,                                            -- null: it is not any more
  at            timestamptz(3) not null default now()
);
create index exposure_change_by_recording on exposure_change (tenant_id, recording_id, at desc);
create trigger append_only before update or delete on exposure_change for each row execute function refuse_change();
call close_to_tenant('exposure_change');
grant select on exposure_change to earwitness_api;
grant select, insert on exposure_change to earwitness_worker;

-- Files that were handed in and that a leak lists by their hash.
create table listed_file (
  tenant_id    uuid not null references tenant,
  sha256       text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  leak_id      uuid not null references leak,
  manifest_id  uuid not null references leak_manifest,
  row          bigint not null check (row > 0),                   -- as the manifest counts them
  part         integer not null check (part >= 0),
  popularity   integer check (popularity between 0 and 100),
  codec        text not null check (codec in ('unknown', 'vorbis-160', 'opus-75', 'other')),
  batch        integer not null default 0 check (batch between 0 and 7),
  found_at     timestamptz(3) not null default now(),
  primary key (tenant_id, sha256, manifest_id)
);
call close_to_tenant('listed_file');
grant select on listed_file to earwitness_api;
grant select, insert, update, delete on listed_file to earwitness_worker;

-- A letter about a leak that a person signed: a reservation of rights, or a demand to take works out of a data set.
create table letter (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  leak_id       uuid not null references leak,
  audit_id      uuid references exposure_audit,                   -- whose answers it lists
  kind          text not null check (kind in ('rights-reservation', 'data-set-removal')),
  language      text not null check (length(language) between 2 and 35),
  recipient     text not null check (length(recipient) between 1 and 500),
  content       jsonb not null,                                   -- everything that it says, as it was signed
  sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),  -- of its content as canonical JSON
  signed_by     uuid not null references member,
  signed_at     timestamptz(3) not null default now()
);
create index letter_by_age on letter (tenant_id, signed_at desc, id desc);
create trigger append_only before update or delete on letter for each row execute function refuse_change();
call close_to_tenant('letter');
grant select, insert on letter to earwitness_api;
grant select on letter to earwitness_worker;

alter table alert_news drop constraint alert_news_kind_check;
alter table alert_news add constraint alert_news_kind_check check (kind in (
  'restored', 'no_answer', 'counter_notice', 'india_order', 'notices_paused', 'reply_waiting', 'watch_failing', 'exposed'));

-- Whoever registers a recording, or changes by what it is known, has it asked for, in the same transaction and without
-- having to know of it.
create function ask_for_audit() returns trigger language plpgsql as $$
declare
  gathered_in uuid;
begin
  if new.withdrawn_at is null and exists (
       select from leak_manifest m join leak l on l.id = m.leak_id
        where m.stage = 'done' and l.removed_at is null and (m.tenant_id is null or m.tenant_id = new.tenant_id)) then
    insert into exposure_audit (id, tenant_id, cause, scope, stage, gathering, requested_by)
      values (gen_random_uuid(), new.tenant_id, 'registered', '{"kind": "recordings"}', 'audit', true, 'system')
      on conflict (tenant_id) where gathering do update set tenant_id = excluded.tenant_id
      returning id into gathered_in;
    insert into exposure_audit_recording (audit_id, recording_id, tenant_id)
      values (gathered_in, new.id, new.tenant_id) on conflict do nothing;
  end if;
  return null;
end $$;
create trigger audit_asked after insert or update of isrc, title, version, artists, duration_ms, withdrawn_at, authorised, official_url
  on recording for each row execute function ask_for_audit();
