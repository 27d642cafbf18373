-- Where copies may be by the holder's leave, and which parts of a recording are not the holder's own.

-- An entry is made by a person, who answers for it, and never deleted: years later it must be known why a find was let be.
create table allow_entry (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  kind          text not null check (kind in ('domain', 'url-prefix', 'channel', 'file')),
  value         text not null check (length(value) between 1 and 2048),      -- normalised (services/allowlist)
  lookup_key    text not null check (length(lookup_key) between 1 and 2048), -- under which a place asks for it
  -- Of the whole catalogue unless one is given. No reference: a recording may be removed, and the entry stays.
  recording_id  uuid,
  release_id    uuid references release,
  reason        text not null check (length(reason) between 1 and 500),
  licensee      text check (length(licensee) between 1 and 300),
  owner_id      uuid not null references member,
  created_at    timestamptz(3) not null default now(),  -- in milliseconds, as cursors carry it
  expires_on    date,                                   -- the last day on which it holds, in UTC
  ended_at      timestamptz,
  ended_by      uuid references member,
  check (recording_id is null or release_id is null),
  check ((ended_at is null) = (ended_by is null))
);
create index allow_entry_by_key on allow_entry (tenant_id, lookup_key) where ended_at is null;
create index allow_entry_by_age on allow_entry (tenant_id, created_at desc, id desc);
call close_to_tenant('allow_entry');
grant select, insert, update (ended_at, ended_by) on allow_entry to earwitness_api;
grant select on allow_entry to earwitness_worker;

-- Parts of a recording that are not its holder's own, such as a sample: finding them says nothing.
create table excluded_segment (
  recording_id  uuid not null references recording on delete cascade,
  position      integer not null check (position between 1 and 100),
  tenant_id     uuid not null references tenant,
  from_ms       integer not null check (from_ms >= 0),
  to_ms         integer not null,
  reason        text not null check (length(reason) between 1 and 500),
  primary key (recording_id, position),
  check (from_ms < to_ms)
);
call close_to_tenant('excluded_segment');
grant select, insert, delete on excluded_segment to earwitness_api;
grant select on excluded_segment to earwitness_worker;

-- As it was when the suspect was matched; later changes of the segments concern later finds.
alter table passage add column excluded boolean not null default false;

-- Cases that wait for nobody: leave was given, the recording is only watched, or only excluded parts were found.
alter table case_file drop constraint case_file_state_check;
alter table case_file add constraint case_file_state_check
  check (state in ('needs_review', 'confirmed', 'dismissed', 'allowed', 'monitored', 'excluded'));
alter table case_decision drop constraint case_decision_kind_check;
alter table case_decision add constraint case_decision_kind_check
  check (kind in ('opened', 'joined', 'confirmed', 'dismissed', 'reopened', 'commented', 'allowed', 'monitored', 'excluded'));
alter table case_decision add column allow_entry_id uuid references allow_entry;
alter table case_decision add constraint case_decision_entry_check check (allow_entry_id is null or kind = 'allowed');
