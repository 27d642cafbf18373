-- From match to removal: who looks at a case, what was demanded of whom, what became of it.

-- Cases -----------------------------------------------------------------------------------------------------------------

alter table case_file drop constraint case_file_state_check;
alter table case_file add constraint case_file_state_check check (state in (
  'needs_review', 'confirmed', 'dismissed', 'allowed', 'monitored', 'excluded',
  'in_notice', 'escalated', 'removed', 'restored', 'closed'));
alter table case_file
  -- By harm and not by age: what a reviewer sees first, and what it is made of (services/matches/priority.ts).
  add column priority          real not null default 0 check (priority between 0 and 1),
  add column priority_reasons  jsonb,
  -- One reference that suddenly fires everywhere is more likely wrong than stolen: its cases wait behind the others.
  add column quarantined_at    timestamptz,
  -- Two reviewers never decide one case.
  add column assigned_to       uuid references member,
  add column assigned_until    timestamptz,
  add column recheck_at        timestamptz(3),  -- when its location is looked at again; null: never
  add constraint case_file_assignment_check check ((assigned_to is null) = (assigned_until is null));
create index case_by_priority on case_file (tenant_id, priority desc, id desc) where state = 'needs_review';
create index case_in_quarantine on case_file (recording_id) where quarantined_at is not null;
-- What was closed is over: the copy's next find at its place opens a case of its own.
alter table case_file drop constraint case_file_tenant_id_recording_id_location_key_key;
create unique index case_open on case_file (tenant_id, recording_id, location_key) where state <> 'closed';
create index case_to_recheck on case_file (recheck_at) where recheck_at is not null;

alter table case_decision drop constraint case_decision_kind_check;
alter table case_decision add constraint case_decision_kind_check check (kind in (
  'opened', 'joined', 'confirmed', 'dismissed', 'reopened', 'commented', 'allowed', 'monitored', 'excluded',
  'assigned', 'released', 'quarantined', 'unquarantined', 'undone',
  'noticed', 'voided', 'removed', 'restored', 'escalated', 'closed'));
alter table case_decision
  add column supersedes  integer check (supersedes > 0),  -- of `undone`: the number of the decision that it takes back
  add column batch_id    uuid,                            -- decisions that were taken together
  add constraint case_decision_undone_check check ((kind = 'undone') = (supersedes is not null));
create index case_decision_by_batch on case_decision (batch_id) where batch_id is not null;

-- Whether an exception of the law covers the use: answered by a person, with reasons, and never changed.
create table exceptions_review (
  id           uuid primary key,
  tenant_id    uuid not null references tenant,
  case_id      uuid not null references case_file,
  number       integer not null check (number > 0),
  outcome      text not null check (outcome in ('not_excepted', 'excepted')),
  answers      jsonb not null,               -- services/matches/exceptions.ts
  reviewer_id  uuid not null references member,
  at           timestamptz not null default now(),
  unique (case_id, number)
);
call close_to_tenant('exceptions_review');
grant select, insert on exceptions_review to earwitness_api;
grant select on exceptions_review to earwitness_worker;
create trigger append_only before update or delete on exceptions_review for each row execute function refuse_change();

-- What was seen when a location was looked at again.
create table recheck (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  case_id       uuid not null references case_file,
  stage         text not null check (stage in ('recheck', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  verdict       text check (verdict in ('live', 'gone', 'changed', 'unreachable')),
  seen          jsonb,                       -- status, final address, hash: what the verdict rests on
  checked_at    timestamptz(3),
  created_at    timestamptz not null default now(),
  check ((stage = 'failed') = (problem is not null)),
  check (stage <> 'done' or (verdict is not null and checked_at is not null))
);
create index recheck_by_case on recheck (case_id, created_at desc);
create index recheck_unfinished on recheck (stage_since) where stage = 'recheck';
create unique index recheck_in_work on recheck (case_id) where stage = 'recheck';
call close_to_tenant('recheck');
grant select, insert on recheck to earwitness_api;
grant select, insert, update on recheck to earwitness_worker;

alter table recording
  add column public_domain        boolean not null default false,  -- by its holder's own word: nothing may be demanded
  add column registration_number  text check (length(registration_number) between 1 and 60),  -- US Copyright Office
  add column official_url         text check (length(official_url) <= 2048);                  -- a lawful copy

-- Who may sign ----------------------------------------------------------------------------------------------------------

-- Secrets that must be read again are sealed with a key that the database does not have (services/core/secrets.ts).
alter table member
  add column totp_sealed        bytea,
  add column totp_confirmed_at  timestamptz,
  add column totp_last_step     bigint,      -- a code is taken once
  add column factor_failed_at   timestamptz[] not null default '{}',  -- the latest wrong codes: guessing is slow
  add column first_signed_at    timestamptz;
alter table session
  add column second_factor         text check (second_factor in ('totp', 'passkey')),
  add column second_factor_at      timestamptz,
  add column challenge             text,     -- that a passkey has to answer
  add column challenge_expires_at  timestamptz;
create table passkey (
  id            text primary key check (length(id) between 16 and 1400),  -- credential id, base64url
  tenant_id     uuid not null references tenant,
  member_id     uuid not null references member,
  name          text not null check (length(name) between 1 and 100),
  public_key    bytea not null,
  counter       bigint not null default 0,
  transports    text[] not null default '{}',
  created_at    timestamptz not null default now(),
  last_used_at  timestamptz
);
create index passkey_by_member on passkey (member_id);
call close_to_tenant('passkey');
grant select, insert, update, delete on passkey to earwitness_api;
grant select on passkey to earwitness_worker;

alter table tenant
  add column own_domains            text[] not null default '{}',  -- lower-case; nothing is ever demanded there
  add column notice_count           integer not null default 0,
  add column second_approver_above  integer not null default 500 check (second_approver_above > 0),  -- locations a day
  add column lumen_sharing          boolean not null default false,
  add column notices_paused_at      timestamptz,
  add column notices_paused_why     text check (length(notices_paused_why) <= 500),
  -- Up to which retraction or dismissal its notices were judged (services/figures): none pauses them twice.
  add column notices_judged_at      timestamptz(3),
  add column mail_from              text check (length(mail_from) <= 320),
  add column reply_domain           text check (length(reply_domain) <= 253),
  add column smtp_url_sealed        bytea,
  add column dkim_domain            text check (length(dkim_domain) <= 253),
  add column dkim_selector          text check (length(dkim_selector) <= 63),
  add column dkim_key_sealed        bytea,
  add constraint tenant_paused_check check ((notices_paused_at is null) = (notices_paused_why is null)),
  add constraint tenant_dkim_check check (num_nonnulls(dkim_domain, dkim_selector, dkim_key_sealed) in (0, 3));

-- Who is asked ----------------------------------------------------------------------------------------------------------

-- Somebody who can remove a copy, as one account knows them. Where it is from and when it was looked at stand with it.
create table recipient (
  id                uuid primary key,
  tenant_id         uuid not null references tenant,
  role              text not null check (role in (
                      'platform', 'designated_agent', 'hosting', 'network', 'cdn', 'registrar', 'registry', 'search_engine')),
  key               text not null check (length(key) between 1 and 300),  -- domain, network or name: what it is known by
  name              text not null check (length(name) between 1 and 200),
  email             text check (length(email) <= 254),
  form_url          text check (length(form_url) <= 2048),
  country           text check (country ~ '^[A-Z]{2}$'),
  source            text not null check (source in (
                      'manual', 'copyright_office_directory', 'site', 'rdap_ip', 'rdap_domain', 'rfc2142',
                      'platform_registry', 'cdn_ranges')),
  formats           text[] not null default '{mail}',
  languages         text[] not null default '{en}',
  same_host         boolean not null default true,
  urls_max          integer not null default 250 check (urls_max between 1 and 1000),
  mails_per_hour    integer not null default 30 check (mails_per_hour between 1 and 3600),
  acknowledge_h     integer not null default 48 check (acknowledge_h > 0),
  remove_h          integer not null default 72 check (remove_h > 0),
  class             text check (class in ('compliant', 'slow', 'non_compliant', 'non_contactable', 'spoof')),
  note              text check (length(note) <= 2000),
  resolved_at       timestamptz(3) not null,
  confirmed_by      uuid references member,
  paused_at         timestamptz,
  paused_why        text check (length(paused_why) <= 500),
  created_at        timestamptz(3) not null default now(),
  unique (tenant_id, role, key),
  check ((paused_at is null) = (paused_why is null))
);
call close_to_tenant('recipient');
grant select, insert, update on recipient to earwitness_api, earwitness_worker;

-- Who may be asked about a host, in the order in which they are offered; a person or a rule picks.
create table host_resolution (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  host          text not null check (length(host) between 1 and 253),
  stage         text not null check (stage in ('resolve', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  notes         jsonb,                       -- what was asked and what was not found, in words
  created_at    timestamptz(3) not null default now(),
  check ((stage = 'failed') = (problem is not null))
);
create index host_resolution_by_host on host_resolution (tenant_id, host, created_at desc);
create unique index host_resolution_in_work on host_resolution (tenant_id, host) where stage = 'resolve';
create index host_resolution_unfinished on host_resolution (stage_since) where stage = 'resolve';
call close_to_tenant('host_resolution');
grant select, insert on host_resolution to earwitness_api;
grant select, insert, update on host_resolution to earwitness_worker;

create table recipient_candidate (
  tenant_id     uuid not null references tenant,
  host          text not null,
  recipient_id  uuid not null references recipient,
  rank          integer not null check (rank > 0),
  chosen_by     uuid references member,      -- a person put it first; it stays there
  found_at      timestamptz not null default now(),
  primary key (tenant_id, host, recipient_id)
);
create unique index recipient_candidate_chosen on recipient_candidate (tenant_id, host) where chosen_by is not null;
call close_to_tenant('recipient_candidate');
grant select, insert, update, delete on recipient_candidate to earwitness_api, earwitness_worker;

-- What a host looked like when something was last fetched from it.
create index capture_by_host on capture
  (tenant_id, lower(substring(final_url from '^[a-z]+://(\[[^]]*\]|[^/:?#]*)')), started_at desc);

-- What RDAP servers answered, for a day, without the persons that are named in it. They belong to nobody.
create table rdap_answer (
  url         text primary key,
  status      integer not null,
  body        jsonb,
  fetched_at  timestamptz not null default now(),
  expires_at  timestamptz not null
);
grant select, insert, update, delete on rdap_answer to earwitness_worker;

-- Notices ---------------------------------------------------------------------------------------------------------------

-- One demand to one recipient about copies at one host. What was signed never changes: a correction is a new version.
create table notice (
  id               uuid primary key,
  tenant_id        uuid not null references tenant,
  number           text not null check (number ~ '^EN-[0-9]{4}-[0-9]{6}$'),
  version          integer not null check (version > 0),
  supersedes       uuid references notice,
  recipient_id     uuid not null references recipient,
  host             text not null,
  regimes          text[] not null check (cardinality(regimes) > 0 and regimes <@ array[
                     'US_512C', 'US_512D', 'EU_DSA_16', 'UK_ECR_22', 'IN_RULE_75', 'GENERIC']),
  language         text not null,
  format           text not null,             -- in which it goes out first (services/notices/render/formats.ts)
  details          jsonb not null,            -- what a person wrote for it (services/notices/notice.ts, NoticeDetails)
  state            text not null check (state in (
                     'draft', 'invalid', 'ready', 'signed', 'queued', 'sent', 'delivery_failed', 'acknowledged',
                     'info_requested', 'actioned', 'partially_actioned', 'rejected', 'no_response', 'counter_noticed',
                     'retracted', 'closed')),
  checked_at       timestamptz(3),            -- of the last readiness check
  open_points      jsonb,
  document         jsonb,
  document_text    text,                      -- canonical JSON (RFC 8785): the bytes that are hashed
  document_sha256  text check (document_sha256 ~ '^[0-9a-f]{64}$'),
  signed_by        uuid references member,
  signed_at        timestamptz(3),
  approval_needed  boolean not null default false,
  approved_by      uuid references member,
  approved_at      timestamptz(3),
  reply_token      text not null unique check (reply_token ~ '^[a-z0-9]{20,40}$'),  -- in the address that answers go to
  sent_at          timestamptz(3),
  acknowledged_at  timestamptz(3),
  ended_at         timestamptz(3),
  due_at           timestamptz(3),            -- when a clock of it runs out next (services/notices/clocks)
  reminders        integer not null default 0 check (reminders between 0 and 2),
  created_by       text not null,
  created_at       timestamptz(3) not null default now(),
  unique (tenant_id, number, version),
  check (num_nonnulls(document, document_text, document_sha256, signed_by, signed_at) in (0, 5)),
  check ((approved_by is null) = (approved_at is null)),
  check (approved_by is null or approved_by <> signed_by),
  check (signed_at is not null or state in ('draft', 'invalid', 'ready', 'closed'))
);
create index notice_by_age on notice (tenant_id, created_at desc, id desc);
create index notice_by_recipient on notice (recipient_id, created_at desc);
create index notice_due on notice (due_at) where due_at is not null;
call close_to_tenant('notice');
grant select, insert, update on notice to earwitness_api, earwitness_worker;

create function keep_signed() returns trigger language plpgsql as $$
begin
  if old.signed_at is not null and
     (new.document_text, new.document_sha256, new.document, new.signed_by, new.signed_at, new.number, new.version,
      new.recipient_id, new.host, new.regimes, new.language, new.reply_token)
     is distinct from
     (old.document_text, old.document_sha256, old.document, old.signed_by, old.signed_at, old.number, old.version,
      old.recipient_id, old.host, old.regimes, old.language, old.reply_token)
  then raise exception 'a signed notice is never changed' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger signed_kept before update on notice for each row execute function keep_signed();
create trigger never_deleted before delete on notice for each row execute function refuse_change();

-- The cases that a notice is about; what became of each location stands here.
create table notice_location (
  id              uuid primary key,
  tenant_id       uuid not null references tenant,
  notice_id       uuid not null references notice,
  case_id         uuid not null references case_file,
  position        integer not null check (position > 0),
  recipient_id    uuid not null references recipient,
  url             text not null check (length(url) <= 2048),            -- exactly as observed
  canonical_url   text not null check (length(canonical_url) <= 2048),  -- by which duplicates are told
  -- Another case at the same address in the same notice: the address is demanded once, by the row named here.
  beside_id       uuid references notice_location,
  -- Demanded and neither answered for good, taken back nor replaced by another version; nothing is before it is signed.
  live            boolean not null default false,
  outcome         text check (outcome in (
                    'removed', 'incomplete', 'url_not_direct', 'wrong_recipient', 'duplicate', 'already_gone',
                    'not_infringing', 'court_order_needed', 'counter_notice', 'restored', 'no_response', 'retracted')),
  outcome_by      text check (outcome_by in ('recheck', 'recipient', 'person', 'clock')),
  outcome_at      timestamptz(3),
  unique (notice_id, case_id),
  check (num_nonnulls(outcome, outcome_by, outcome_at) in (0, 3))
);
create unique index notice_location_live on notice_location (tenant_id, recipient_id, canonical_url)
  where live and beside_id is null;
create index notice_location_by_case on notice_location (case_id);
call close_to_tenant('notice_location');
grant select, insert, update, delete on notice_location to earwitness_api, earwitness_worker;

-- What happened to a notice, in order; its state is the fold of these.
create table notice_event (
  notice_id  uuid not null references notice,
  number     integer not null check (number > 0),
  tenant_id  uuid not null references tenant,
  kind       text not null,                   -- services/notices/notice-state.ts
  state      text not null,                   -- after it
  actor      text not null,
  reason     text check (length(reason) <= 100),
  comment    text check (length(comment) <= 5000),
  details    jsonb,
  at         timestamptz(3) not null default now(),
  primary key (notice_id, number)
);
call close_to_tenant('notice_event');
grant select, insert on notice_event to earwitness_api, earwitness_worker;
create trigger append_only before update or delete on notice_event for each row execute function refuse_change();

-- A message to a recipient. It is written down with its identity before it is handed over, and `attempted_at` is
-- committed before the mail server hears of it: a crash in between leaves `unclear`, which only a person resolves, so
-- that nothing is ever sent twice.
create table delivery (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  notice_id     uuid not null references notice,
  kind          text not null check (kind in ('notice', 'reminder', 'retraction')),
  number        integer not null check (number > 0),   -- among those of its kind
  part          integer not null default 1 check (part > 0),  -- a notice may take several messages
  way           text not null check (way in ('mail', 'hand')),
  format        text not null,
  address       text check (length(address) <= 2048),  -- mail address, or the form that a person filled in
  message_id    text unique check (length(message_id) <= 300),
  stage         text not null check (stage in ('send', 'unclear', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  attempted_at  timestamptz(3),
  sent_at       timestamptz(3),
  response      text check (length(response) <= 2000),
  sha256        text check (sha256 ~ '^[0-9a-f]{64}$'), -- of the message as it was handed over
  created_at    timestamptz(3) not null default now(),
  unique (notice_id, kind, number, part),
  check ((stage = 'failed') = (problem is not null)),
  check (stage <> 'done' or sent_at is not null)
);
create index delivery_unfinished on delivery (stage_since) where stage = 'send';
create index delivery_by_time on delivery (tenant_id, sent_at);
create index delivery_by_attempt on delivery (attempted_at) where attempted_at is not null;
create index delivery_by_file on delivery (sha256) where sha256 is not null;
call close_to_tenant('delivery');
grant select, insert, update on delivery to earwitness_api, earwitness_worker;

-- A mail that came back. Whose it is says its address, or the message that it answers.
create table reply (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  notice_id     uuid not null references notice,
  delivery_id   uuid references delivery,
  message_id    text not null check (length(message_id) between 1 and 998),
  sender        text not null check (length(sender) <= 320),
  subject       text not null check (length(subject) <= 1000),
  kind          text not null check (kind in ('bounce', 'auto_reply', 'acns_ack', 'acns_status', 'xarf', 'other')),
  text          text not null check (length(text) <= 100000),
  findings      jsonb not null,              -- what was read from it (services/notices/replies)
  raw_sha256    text not null check (raw_sha256 ~ '^[0-9a-f]{64}$'),
  received_at   timestamptz(3) not null default now(),
  handled_at    timestamptz(3),              -- null: a person has to read it
  handled_by    text,
  unique (notice_id, message_id),
  check ((handled_at is null) = (handled_by is null))
);
create index reply_by_notice on reply (notice_id, received_at);
create index reply_by_delivery on reply (delivery_id) where delivery_id is not null;
create index reply_by_file on reply (raw_sha256);
create index reply_waiting on reply (tenant_id, received_at) where handled_at is null;
call close_to_tenant('reply');
grant select, insert, update (handled_at, handled_by) on reply to earwitness_api;
grant select, insert, update on reply to earwitness_worker;

create table counter_notice (
  id               uuid primary key,
  tenant_id        uuid not null references tenant,
  notice_id        uuid not null references notice,
  case_id          uuid not null references case_file,
  received_on      date not null,            -- by the provider; its days are counted from here
  sender           text not null check (length(sender) between 1 and 500),
  text             text not null check (length(text) <= 50000),
  reason           text not null check (reason in ('owner', 'authorised', 'fair_use', 'misidentified', 'other')),
  checks           jsonb not null,           -- which of the elements of 512(g)(3) it has
  put_back_from    date not null,
  put_back_latest  date not null,
  answer           text check (answer in ('retracted', 'accepted', 'action_filed')),
  docket           text check (length(docket) between 1 and 200),
  answered_by      uuid references member,
  answered_at      timestamptz(3),
  created_at       timestamptz(3) not null default now(),
  unique (notice_id, case_id),
  check (num_nonnulls(answer, answered_by, answered_at) in (0, 3)),
  check (answer <> 'action_filed' or docket is not null)
);
call close_to_tenant('counter_notice');
grant select, insert, update on counter_notice to earwitness_api;
grant select on counter_notice to earwitness_worker;

-- Figures (services/figures) go by when notices went out, and by what turned out to be wrong since.
create index notice_by_sending on notice (tenant_id, sent_at) where sent_at is not null;
create index notice_location_retracted on notice_location (outcome_at) where outcome = 'retracted';
create index case_decision_dismissed on case_decision (at) where kind = 'dismissed';

-- News --------------------------------------------------------------------------------------------------------------------

-- What happens after a notice is told by mails of their own kind, which API and workers gather alike.
alter table alert drop constraint alert_kind_check;
alter table alert add constraint alert_kind_check check (kind in ('cases_opened', 'unreleased_found', 'removal_news'));
grant insert, update (due_at) on alert to earwitness_api;
grant insert on alert_case to earwitness_api;

-- What a mail tells, each once: whoever would tell it again finds its key taken.
create table alert_news (
  id          uuid primary key,
  tenant_id   uuid not null references tenant,
  alert_id    uuid not null references alert,
  kind        text not null check (kind in (
                'restored', 'no_answer', 'counter_notice', 'india_order', 'notices_paused', 'reply_waiting')),
  key         text not null check (length(key) between 1 and 200),
  case_id     uuid references case_file,
  notice_id   uuid references notice,
  details     jsonb not null,            -- services/alerts/alert.ts, by kind
  at          timestamptz(3) not null default now(),
  unique (tenant_id, key)
);
create index alert_news_by_alert on alert_news (alert_id);
call close_to_tenant('alert_news');
grant select, insert on alert_news to earwitness_api, earwitness_worker;

-- Evidence --------------------------------------------------------------------------------------------------------------

-- A package that can be checked off-line (services/evidence). The file is built by a job and kept for a while; its
-- manifest's hash and time stamp stay.
create table capsule (
  id               uuid primary key,
  tenant_id        uuid not null references tenant,
  case_id          uuid references case_file,
  notice_id        uuid references notice,
  stage            text not null check (stage in ('capsule', 'done', 'failed')),
  stage_since      timestamptz not null default now(),
  failed_stage     text,
  problem          jsonb,
  tries            integer not null default 0,
  progress         real not null default 0 check (progress between 0 and 1),
  manifest_sha256  text check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
  time_stamp       bytea,                    -- RFC 3161 response for that hash; null where no authority is configured
  sha256           text check (sha256 ~ '^[0-9a-f]{64}$'),  -- of the zip
  bytes            bigint check (bytes > 0),
  held             boolean not null default false,
  requested_by     text not null,
  created_at       timestamptz(3) not null default now(),
  check (num_nonnulls(case_id, notice_id) = 1),
  check ((stage = 'failed') = (problem is not null)),
  check (stage <> 'done' or num_nonnulls(manifest_sha256, sha256, bytes) = 3)
);
create index capsule_by_case on capsule (case_id, created_at desc) where case_id is not null;
create index capsule_by_notice on capsule (notice_id, created_at desc) where notice_id is not null;
create index capsule_unfinished on capsule (stage_since) where stage = 'capsule';
create index capsule_by_file on capsule (sha256) where held;
call close_to_tenant('capsule');
grant select, insert on capsule to earwitness_api;
grant select, insert, update on capsule to earwitness_worker;
