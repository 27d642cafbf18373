-- What was found, the case it belongs to, and what was decided about it.

-- A case is one recording at one location. Its state is the fold of its decisions; the column only
-- caches that fold for lists (services/matches/case.ts).
create table case_file (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  number        text not null check (number ~ '^EW-[0-9]{4}-[0-9]{6}$'),
  recording_id  uuid not null references recording,
  location_key  text not null,                -- canonical address, or sha256:<hash> of a file handed in
  location      text not null,                -- as people read it
  state         text not null check (state in ('needs_review', 'confirmed', 'dismissed')),
  confidence    real not null check (confidence between 0 and 1),
  opened_at     timestamptz(3) not null default now(),  -- in milliseconds, as cursors carry it
  last_seen_at  timestamptz not null default now(),
  unique (tenant_id, number),
  unique (tenant_id, recording_id, location_key)
);
create index case_by_age on case_file (tenant_id, opened_at desc, id desc);
create index case_by_recording on case_file (recording_id);
call close_to_tenant('case_file');
grant select, update on case_file to earwitness_api;
grant select, insert, update on case_file to earwitness_worker;

create table case_decision (
  id         uuid primary key,
  tenant_id  uuid not null references tenant,
  case_id    uuid not null references case_file,
  number     integer not null check (number > 0),
  kind       text not null check (kind in ('opened', 'joined', 'confirmed', 'dismissed', 'reopened', 'commented')),
  actor      text not null,
  reason     text check (reason in ('false_positive', 'authorised_use', 'exception_applies', 'not_our_territory', 'duplicate', 'content_gone')),
  comment    text check (length(comment) <= 5000),
  at         timestamptz not null default now(),
  unique (case_id, number),
  check ((kind = 'dismissed') = (reason is not null))
);
call close_to_tenant('case_decision');
grant select, insert on case_decision to earwitness_api, earwitness_worker;
create trigger append_only before update or delete on case_decision for each row execute function refuse_change();

create table match (
  id                       uuid primary key,
  tenant_id                uuid not null references tenant,
  item_id                  uuid not null references item,
  recording_id             uuid not null references recording,
  case_id                  uuid not null references case_file,
  engine_version           integer not null,
  confidence               real not null check (confidence between 0 and 1),
  false_match_probability  double precision not null check (false_match_probability between 0 and 1),
  share_of_recording       real not null check (share_of_recording between 0 and 1),
  share_of_suspect         real not null check (share_of_suspect between 0 and 1),
  created_at               timestamptz not null default now(),
  unique (item_id, recording_id)
);
create index match_by_case on match (case_id);
call close_to_tenant('match');
grant select on match to earwitness_api;
grant select, insert on match to earwitness_worker;

-- Where the recording lies in the suspect. Times in milliseconds; speed and pitch are ratios
-- (1.04 = the suspect plays 4 % faster); points feed the alignment picture.
create table passage (
  match_id                 uuid not null references match,
  tenant_id                uuid not null references tenant,
  number                   integer not null check (number > 0),
  suspect_from_ms          integer not null check (suspect_from_ms >= 0),
  suspect_to_ms            integer not null,
  reference_from_ms        integer not null check (reference_from_ms >= 0),
  reference_to_ms          integer not null,
  speed                    double precision not null check (speed > 0),
  pitch                    double precision not null check (pitch > 0),
  change                   text not null check (change in ('none', 'speed', 'pitch', 'tempo')),
  landmarks_matched        integer not null,
  landmarks_expected       integer not null,
  bits                     double precision not null,
  score                    double precision not null,
  threshold                double precision not null,
  false_match_probability  double precision not null check (false_match_probability between 0 and 1),
  points                   jsonb not null,
  primary key (match_id, number),
  check (suspect_from_ms < suspect_to_ms and reference_from_ms < reference_to_ms)
);
call close_to_tenant('passage');
grant select on passage to earwitness_api;
grant select, insert on passage to earwitness_worker;
