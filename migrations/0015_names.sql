-- What a suspect is called speaks, too: beside what was heard, and alone where nothing could be heard.

-- How a match's recording agrees with the names of its item: probability, reasons and flags (services/matches/names.ts).
-- Null where the item has no name that says anything, and of older matches.
alter table match add column names jsonb;

-- Recordings that an item may be by its names alone. A lead opens no case.
create table item_lead (
  item_id       uuid not null references item,
  number        integer not null check (number between 1 and 10),   -- the likeliest first
  tenant_id     uuid not null references tenant,
  recording_id  uuid not null references recording on delete cascade,
  names         jsonb not null,
  primary key (item_id, number),
  unique (item_id, recording_id)
);
create index item_lead_by_recording on item_lead (recording_id);
call close_to_tenant('item_lead');
grant select on item_lead to earwitness_api;
grant select, insert, delete on item_lead to earwitness_worker;
