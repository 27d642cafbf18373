-- Pictures of what a person saw at the address of a case. A page may show another tomorrow, and what a file is offered
-- beside is in no capture of the file: so a picture is kept as it came, for as long as its case, and goes into evidence.

create table screenshot (
  id          uuid primary key,
  tenant_id   uuid not null references tenant,
  case_id     uuid not null references case_file,
  number      integer not null check (number > 0),   -- of the case
  source      text not null check (source in ('uploaded', 'browser')),
  address     text not null check (length(address) <= 2048),  -- that it shows, as it was told
  taken_at    timestamptz(3) not null,
  taken_by    text not null,                          -- who uploaded it, or had the browser take it
  note        text check (length(note) between 1 and 2000),
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes       bigint not null check (bytes > 0),
  media_type  text not null check (media_type in ('image/png', 'image/jpeg')),
  width       integer not null check (width > 0),
  height      integer not null check (height > 0),
  added_at    timestamptz(3) not null default now(),
  unique (case_id, number),
  unique (case_id, sha256)
);
create index screenshot_by_file on screenshot (sha256);
call close_to_tenant('screenshot');
grant select, insert on screenshot to earwitness_api, earwitness_worker;
create trigger append_only before update or delete on screenshot for each row execute function refuse_change();
