-- A recording that is registered today is compared with every suspect that its tenant ever had examined.

-- Recordings that became recognisable within a short while are gathered into one row, so that each suspect is looked
-- at once for all of them. Claimed, the row is closed, and the next recording starts another.
create table rescan (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  stage         text not null check (stage in ('rescan', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  -- How far it has come, in the order of the files' hashes: years of suspects take hours, and work may be broken off.
  looked_to     text check (looked_to ~ '^[0-9a-f]{64}$'),
  suspects      integer not null default 0 check (suspects >= 0),   -- files that were looked at
  found         integer not null default 0 check (found >= 0),      -- of them, files with any of the recordings
  -- More recordings may still join it. Ended by the first claim, and for good: tries are given back when work is broken off.
  gathering     boolean not null default true,
  created_at    timestamptz not null default now(),
  check ((stage = 'failed') = (problem is not null))
);
create unique index rescan_gathering on rescan (tenant_id) where gathering;
create index rescan_unfinished on rescan (stage_since) where stage = 'rescan';
call close_to_tenant('rescan');
grant select, insert, update on rescan to earwitness_api, earwitness_worker;

create table rescan_recording (
  rescan_id     uuid not null references rescan,
  recording_id  uuid not null references recording on delete cascade,
  tenant_id     uuid not null references tenant,
  primary key (rescan_id, recording_id)
);
call close_to_tenant('rescan_recording');
grant select, insert, update, delete on rescan_recording to earwitness_api, earwitness_worker;

-- A file that is being matched may have been compared with the catalogue as it was a moment ago: it is looked at, too.
-- With something found in it, it is matched once more when that has ended.
alter table item add column match_again boolean not null default false;
create index item_examined on item (tenant_id, sha256) where stage in ('match', 'done');

-- Whoever writes a fingerprint, or claims a withdrawn recording again, asks for the comparison, in the same transaction,
-- without having to know of it.
create function ask_for_rescan() returns trigger language plpgsql as $$
declare
  gathered_in uuid;
begin
  -- `exists` would be planned as if any row of the table were as good, and read all of it for whoever has none.
  if (select min(sha256) from item where tenant_id = new.tenant_id and stage in ('match', 'done')) is not null then
    insert into rescan (id, tenant_id, stage) values (gen_random_uuid(), new.tenant_id, 'rescan')
      on conflict (tenant_id) where gathering do update set tenant_id = excluded.tenant_id
      returning id into gathered_in;
    insert into rescan_recording (rescan_id, recording_id, tenant_id)
      values (gathered_in, new.recording_id, new.tenant_id) on conflict do nothing;
  end if;
  return null;
end $$;
create trigger rescan_asked after insert or update of fingerprint, changed_in on reference
  for each row execute function ask_for_rescan();

-- Found in a file that had been examined before the recording could be recognised.
alter table match add column retroactive boolean not null default false;
