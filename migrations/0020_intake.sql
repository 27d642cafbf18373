-- Intake: a submission is opened into everything that is in it, whatever leads there; what was seen on the way is kept,
-- and places are watched.

-- What is handed in together -----------------------------------------------------------------------------------------------

create table submission_batch (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  name          text not null check (length(name) between 1 and 200),
  given         integer not null check (given > 0),              -- addresses in the request
  duplicates    integer not null default 0 check (duplicates >= 0),
  refused       jsonb not null default '[]',                     -- addresses that are none: line, text, why
  submitted_by  text not null,
  created_at    timestamptz(3) not null default now()
);
create index submission_batch_by_age on submission_batch (tenant_id, created_at desc, id desc);
call close_to_tenant('submission_batch');
grant select, insert, update (duplicates) on submission_batch to earwitness_api;
grant select on submission_batch to earwitness_worker;

-- Places that are read again and again ------------------------------------------------------------------------------------

create table watch (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  name           text not null check (length(name) between 1 and 200),
  url            text not null check (length(url) <= 2048),
  url_key        text not null,                                  -- services/submissions/canonical-url.ts
  every_h        integer not null check (every_h between 1 and 720),
  takes_first    boolean not null default false,                 -- what is there at the first read is handed in, too
  paused_at      timestamptz,
  next_read_at   timestamptz(3),                                 -- null: never, as when it is paused
  failures       integer not null default 0 check (failures >= 0),  -- reads that failed since the last that did not
  etag           text check (length(etag) <= 1000),
  last_modified  text check (length(last_modified) <= 200),
  created_by     text not null,
  created_at     timestamptz(3) not null default now(),
  ended_at       timestamptz,                                    -- it is over and stays for its history
  check (next_read_at is null or (paused_at is null and ended_at is null))
);
create unique index watch_once on watch (tenant_id, url_key) where ended_at is null;
create index watch_due on watch (next_read_at) where next_read_at is not null;
call close_to_tenant('watch');
grant select, insert, update on watch to earwitness_api, earwitness_worker;

-- Each time that a watched place was read.
create table watch_read (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  watch_id      uuid not null references watch,
  stage         text not null check (stage in ('watch', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  status        integer,
  found         integer check (found >= 0),                      -- addresses on it
  fresh         integer check (fresh >= 0),                      -- of them not seen there before, and handed in
  left_out      integer check (left_out >= 0),                   -- not seen before, and left for the next read
  started_at    timestamptz(3) not null default now(),
  read_at       timestamptz(3),
  check ((stage = 'failed') = (problem is not null))
);
create index watch_read_by_watch on watch_read (watch_id, started_at desc);
create index watch_read_unfinished on watch_read (stage_since) where stage = 'watch';
create unique index watch_read_in_work on watch_read (watch_id) where stage = 'watch';
call close_to_tenant('watch_read');
grant select, insert on watch_read to earwitness_api;
grant select, insert, update on watch_read to earwitness_worker;

-- Addresses that were seen at a watched place: what is handed in is what is not among them.
create table watch_seen (
  watch_id       uuid not null references watch,
  url_key        text not null,
  tenant_id      uuid not null references tenant,
  submission_id  uuid references submission,                      -- null: it was there at the first read already
  first_seen_at  timestamptz(3) not null default now(),
  primary key (watch_id, url_key)
);
call close_to_tenant('watch_seen');
grant select on watch_seen to earwitness_api;
grant select, insert, update on watch_seen to earwitness_worker;

alter table alert_news drop constraint alert_news_kind_check;
alter table alert_news add constraint alert_news_kind_check check (kind in (
  'restored', 'no_answer', 'counter_notice', 'india_order', 'notices_paused', 'reply_waiting', 'watch_failing'));

-- What a look at a location tells: `moved` the same file elsewhere at its host, `blocked` we are not let in.
alter table recheck drop constraint recheck_verdict_check;
alter table recheck add constraint recheck_verdict_check
  check (verdict in ('live', 'moved', 'gone', 'changed', 'blocked', 'unreachable'));

-- How a host is treated by all workers together: one account of visits, delays and refusals (services/submissions/politeness.ts).
create table host_manners (
  host          text primary key,
  free_at       timestamptz(3) not null default now(),            -- nothing is asked of it before
  open          jsonb not null default '[]',                      -- visits under way: when each ends at the latest
  refusals      integer not null default 0,                       -- 429 and 503 since the last answer
  visits_on     date not null default current_date,
  visits        integer not null default 0                        -- of that day
);
grant select, insert, update, delete on host_manners to earwitness_worker;

-- Submissions -------------------------------------------------------------------------------------------------------------

-- `queued` waits for its turn, so that one account's ten thousand addresses do not stand before another's one.
alter table submission drop constraint submission_stage_check;
alter table submission add constraint submission_stage_check
  check (stage in ('queued', 'fetch', 'unpack', 'compare', 'done', 'failed'));
alter table submission drop constraint submission_check2;
alter table submission add constraint submission_blob_check
  check (stage in ('queued', 'fetch', 'failed') or blob_sha256 is not null);
alter table submission
  add column opened    integer not null default 0,                -- finds inside that are kept: opening it goes on there
  add column not_before timestamptz,                              -- its host wants to be left alone until then
  add column url_key   text,                                      -- of an address: services/submissions/canonical-url.ts
  add column batch_id  uuid references submission_batch,
  add column watch_id  uuid references watch;
update submission set url_key = url where url is not null;
alter table submission add constraint submission_key_check check ((url is null) = (url_key is null));
drop index submission_in_work;
create unique index submission_in_work on submission (tenant_id, url_key)
  where url_key is not null and stage in ('queued', 'fetch', 'unpack', 'compare');
drop index submission_unfinished;
create index submission_unfinished on submission (stage_since) where stage in ('fetch', 'unpack', 'compare');
create index submission_queued on submission (tenant_id, created_at, id) where stage = 'queued';
create index submission_by_batch on submission (batch_id, created_at, id) where batch_id is not null;
create index submission_by_watch on submission (watch_id, created_at desc) where watch_id is not null;

-- Keys of addresses that older versions wrote are made anew once (services/address-keys.ts): how far that has come.
create table backfill (
  name      text primary key,
  after_id  uuid,
  ended_at  timestamptz
);
grant select, insert, update on backfill to earwitness_worker;

-- Items: a tree -----------------------------------------------------------------------------------------------------------

alter table item drop constraint item_submission_id_name_key;
alter table item drop constraint item_stage_check;
alter table item
  add constraint item_stage_check check (stage in ('follow', 'fingerprint', 'match', 'done', 'failed')),
  alter column sha256 drop not null,
  alter column bytes drop not null,
  -- media: heard; cover: looked at; container: opened; listed: only named; link: not fetched yet, so not known.
  add column kind          text not null default 'media' check (kind in ('media', 'cover', 'container', 'listed', 'link')),
  add column number        integer not null default 1 check (number > 0),  -- in the submission, in the order found
  add column place         text[] not null default '{}',          -- names of what it lies in, outermost first
  add column url           text check (length(url) <= 2048),      -- where it was fetched, or is to be
  add column url_key       text,                                  -- of it: what is linked twice is followed once
  add column role          text check (role in ('media', 'stream', 'cover', 'list', 'page', 'unknown')),  -- of a link
  add column opened        integer not null default 0,            -- finds inside that are kept: opening it goes on there
  add column page_url      text check (length(page_url) <= 2048), -- the page or list that leads there
  add column read          jsonb,                                 -- which bytes were read, when not all were
  add column audio_sha256  text check (audio_sha256 ~ '^[0-9a-f]{64}$'),  -- of its audio packets, without names in it
  add column clues         jsonb;                                 -- of where the file comes from (services/provenance)
alter table item add constraint item_bytes_there_check
  check (sha256 is not null or kind in ('listed', 'link', 'container') or stage in ('follow', 'failed'));
alter table item add constraint item_link_check check (stage <> 'follow' or url is not null);
with numbered as (
  select id, row_number() over (partition by submission_id order by created_at, name) as number from item)
update item set number = numbered.number from numbered where numbered.id = item.id;
create unique index item_in_order on item (submission_id, number);
create unique index item_followed_once on item (submission_id, url_key) where url_key is not null;
create index item_by_parent on item (parent_id) where parent_id is not null;

-- A lead by the picture alone: the recording's release has a cover like it (services/matches/artwork.ts).
alter table item_lead
  alter column names drop not null,
  add column artwork jsonb,
  add constraint item_lead_ground_check check (names is not null or artwork is not null);
drop index item_unfinished;
create index item_unfinished on item (stage_since) where stage in ('follow', 'fingerprint', 'match');
-- The latest copies of a file, and of its audio, are found without reading all of them.
drop index item_by_file;
create index item_by_file on item (sha256, created_at desc);
create index item_by_audio on item (audio_sha256, created_at desc) where audio_sha256 is not null;

-- Where a case's copy is offered, beside the address that it is fetched from; and by what cases at one place are known to
-- be there (services/matches/related-store.ts).
alter table case_file
  add column page_url text check (length(page_url) <= 2048),
  add column host     text generated always as (
    lower(substring(location from '^https?://(?:[^/?#@]*@)?(\[[^]]*\]|[^/:?#]+)'))) stored,
  add column channel  text check (length(channel) <= 300);        -- the account: services/allowlist/channel.ts
create index case_by_host on case_file (recording_id, host, opened_at desc) where host is not null;
create index case_by_channel on case_file (tenant_id, channel, opened_at desc) where channel is not null;

-- What registries said of an address tells in which network and country a host is.
create index rdap_answer_about on rdap_answer ((substring(url from '/ip/([^/]+)$'))) where status = 200;
-- One address at a time: which hosts others have asked about is nobody's business.
create function registry_told(address text) returns table (body jsonb, fetched_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select r.body, r.fetched_at from rdap_answer r
   where substring(r.url from '/ip/([^/]+)$') = address and r.status = 200
   order by r.fetched_at desc limit 1
$$;
revoke all on function registry_told from public;
grant execute on function registry_told to earwitness_api, earwitness_worker;

-- Captures ----------------------------------------------------------------------------------------------------------------

alter table capture
  add column item_id          uuid references item,               -- null: of the submitted address itself
  add column request          jsonb,                              -- method, target and headers, as they were sent
  add column names            jsonb,                              -- of each host asked for: the addresses that name servers gave
  add column clock_offset_ms  integer,                            -- the host's Date header before our clock
  add column read             jsonb,                              -- which bytes were asked for and came, when not all
  add column body_held        boolean not null default false,     -- pages and lists, which are small, are kept
  add column picture_sha256   text check (picture_sha256 ~ '^[0-9a-f]{64}$');  -- the page as a browser showed it
create index capture_by_item on capture (item_id) where item_id is not null;
create index capture_by_body on capture (sha256) where body_held;
create index capture_by_picture on capture (picture_sha256) where picture_sha256 is not null;

-- Intake by mail ----------------------------------------------------------------------------------------------------------

alter table tenant add column intake_token text unique check (intake_token ~ '^[a-z0-9]{20,40}$');  -- null: no address
-- Who may hand in by mail: an address, or everybody at a domain.
create table intake_sender (
  tenant_id  uuid not null references tenant,
  pattern    text not null check (length(pattern) between 3 and 320),  -- name@host or @host, lower case
  added_by   text not null,
  added_at   timestamptz(3) not null default now(),
  primary key (tenant_id, pattern)
);
call close_to_tenant('intake_sender');
grant select, insert, delete on intake_sender to earwitness_api;
grant select on intake_sender to earwitness_worker;

-- Mails that came to an intake address. Of those that were not taken, only that they came.
create table intake_mail (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  message_key    text not null,                                   -- SHA-256 of its Message-ID, or of its bytes
  sender         text not null check (length(sender) <= 320),
  subject        text not null check (length(subject) <= 500),
  outcome        text not null check (outcome in ('taken', 'repeated', 'sender', 'automatic', 'empty')),
  submission_id  uuid references submission,
  received_at    timestamptz(3) not null default now(),
  check ((outcome = 'taken') = (submission_id is not null))
);
create unique index intake_mail_once on intake_mail (tenant_id, message_key) where outcome = 'taken';
create index intake_mail_by_age on intake_mail (tenant_id, received_at desc, id desc);
call close_to_tenant('intake_mail');
grant select on intake_mail to earwitness_api;
grant select, insert, delete on intake_mail to earwitness_worker;  -- those that were not taken are forgotten
