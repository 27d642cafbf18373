-- Who is told, and the reports that leave the house.

-- One alert gathers the cases that open within a few minutes; `due_at` is when it is sent.
create table alert (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  kind          text not null check (kind in ('cases_opened')),
  stage         text not null check (stage in ('notify', 'done', 'failed')),
  stage_since   timestamptz not null default now(),
  failed_stage  text,
  problem       jsonb,
  tries         integer not null default 0,
  progress      real not null default 0 check (progress between 0 and 1),
  due_at        timestamptz not null,
  created_at    timestamptz not null default now(),
  check ((stage = 'failed') = (problem is not null))
);
-- At most one alert of a tenant is gathering: two matchers cannot open two.
create unique index alert_gathering on alert (tenant_id, kind) where stage = 'notify' and tries = 0;
create index alert_unfinished on alert (due_at) where stage = 'notify';
call close_to_tenant('alert');
grant select on alert to earwitness_api;
grant select, insert, update on alert to earwitness_worker;

create table alert_case (
  alert_id   uuid not null references alert,
  case_id    uuid not null references case_file,
  tenant_id  uuid not null references tenant,
  primary key (alert_id, case_id)
);
create index alert_case_by_case on alert_case (case_id);
call close_to_tenant('alert_case');
grant select on alert_case to earwitness_api;
grant select, insert on alert_case to earwitness_worker;

-- What was sent, to whom, as it was sent. One row per recipient: a retry never mails the same person twice.
create table alert_mail (
  alert_id    uuid not null references alert,
  member_id   uuid not null references member,
  tenant_id   uuid not null references tenant,
  message_id  text not null,
  recipient   text not null,
  subject     text not null,
  body        text not null,
  response    text not null,
  sent_at     timestamptz not null default now(),
  primary key (alert_id, member_id)
);
call close_to_tenant('alert_mail');
grant select on alert_mail to earwitness_api;
grant select, insert on alert_mail to earwitness_worker;
create trigger append_only before update or delete on alert_mail for each row execute function refuse_change();

-- Reports are frozen when issued: a correction is a new version, the old one stays.
create table report (
  id                uuid primary key,
  tenant_id         uuid not null references tenant,
  case_id           uuid not null references case_file,
  version           integer not null check (version > 0),
  document          jsonb not null,
  document_text     text not null,             -- canonical JSON (RFC 8785): the bytes that are hashed
  document_sha256   text not null check (document_sha256 ~ '^[0-9a-f]{64}$'),
  statements        text not null check (statements in ('open', 'made')),
  issued_by         text not null,
  issued_at         timestamptz(3) not null,  -- in milliseconds, as cursors carry it
  unique (case_id, version)
);
create index report_by_age on report (tenant_id, issued_at desc, id desc);
call close_to_tenant('report');
grant select, insert on report to earwitness_api, earwitness_worker;
create trigger append_only before update or delete on report for each row execute function refuse_change();
