-- Who works here: rights holders (tenants), their members, and how each proves who they are.
--
-- Two roles divide the database. `earwitness_api` sees one tenant, named in `app.tenant` inside the
-- transaction; `earwitness_worker` sees all. Programs log in as one user that is a member of both and
-- take a role on per transaction (services/core/db.ts), so a forgotten tenant shows nothing.

do $$
begin
  -- Roles belong to the whole server: another database on it may have made them already.
  if not exists (select from pg_roles where rolname = 'earwitness_api') then create role earwitness_api; end if;
  if not exists (select from pg_roles where rolname = 'earwitness_worker') then create role earwitness_worker; end if;
exception when duplicate_object or unique_violation then null;
end $$;
grant earwitness_api, earwitness_worker to current_user;
grant usage on schema public to earwitness_api, earwitness_worker;
grant select on migration to earwitness_api, earwitness_worker;  -- so that a program can say what is missing

-- The tenant of this transaction; null (and so no row) when none was set.
create function current_tenant() returns uuid language sql stable
  as $$ select nullif(current_setting('app.tenant', true), '')::uuid $$;

-- Every table with a tenant_id is closed the same way.
create procedure close_to_tenant(name regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', name);
  execute format('create policy own_rows on %s to earwitness_api using (tenant_id = current_tenant())', name);
  execute format('create policy all_rows on %s to earwitness_worker using (true)', name);
end $$;

create table tenant (
  id                    uuid primary key,
  tenant_id             uuid not null generated always as (id) stored,  -- so that one policy fits all tables
  name                  text not null check (length(name) between 1 and 200),
  -- Who complains, on every report: parts of a takedown notice that the law asks for.
  contact_name          text check (length(contact_name) <= 200),
  contact_address       text check (length(contact_address) <= 500),
  contact_country       text check (contact_country ~ '^[A-Z]{2}$'),
  contact_phone         text check (contact_phone ~ '^\+[1-9][0-9]{6,14}$'),
  contact_email         text check (length(contact_email) <= 254),
  -- Audio is deleted after fingerprinting unless the tenant decides to hold it.
  keep_reference_audio  boolean not null default false,
  keep_suspect_audio    boolean not null default false,
  alerts_on             boolean not null default true,
  case_count            integer not null default 0,  -- numbers the cases without gaps that race
  created_at            timestamptz not null default now()
);
call close_to_tenant('tenant');
grant select, update on tenant to earwitness_api;
grant select, insert, update on tenant to earwitness_worker;

create table member (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  email          text not null check (email = lower(email) and length(email) between 3 and 254),
  name           text not null check (length(name) between 1 and 200),
  title          text not null default '' check (length(title) <= 200),  -- stands under a signature
  roles          text[] not null check (roles <@ array['owner', 'reviewer', 'signer'] and cardinality(roles) > 0),
  password_hash  text,                       -- argon2id; null until the sign-in link was used
  gets_alerts    boolean not null default true,
  -- Plain, because every mail repeats it and all it can do is to stop mails.
  unsubscribe_token text not null unique,
  created_at     timestamptz not null default now(),
  disabled_at    timestamptz,
  unique (email)
);
call close_to_tenant('member');
grant select, insert, update on member to earwitness_api, earwitness_worker;

-- One-time links: only the hash is kept, as with every secret here.
create table sign_in_link (
  token_hash  text primary key,
  tenant_id   uuid not null references tenant,
  member_id   uuid not null references member,
  expires_at  timestamptz not null,
  used_at     timestamptz,
  created_at  timestamptz not null default now()
);
call close_to_tenant('sign_in_link');
grant select, insert, update, delete on sign_in_link to earwitness_api, earwitness_worker;

create table session (
  token_hash    text primary key,
  tenant_id     uuid not null references tenant,
  member_id     uuid not null references member,
  created_at    timestamptz not null default now(),
  last_seen_at  timestamptz not null default now(),
  expires_at    timestamptz not null
);
create index session_by_member on session (member_id);
call close_to_tenant('session');
grant select, insert, update, delete on session to earwitness_api, earwitness_worker;

create table api_key (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  name          text not null check (length(name) between 1 and 100),
  token_hash    text not null unique,
  hint          text not null,               -- the first characters, to tell keys apart
  created_by    uuid references member,
  created_at    timestamptz not null default now(),
  last_used_at  timestamptz,
  revoked_at    timestamptz
);
call close_to_tenant('api_key');
grant select, insert, update on api_key to earwitness_api, earwitness_worker;

-- What a repeated request with the same Idempotency-Key is answered, for a day.
create table idempotent_answer (
  tenant_id    uuid not null references tenant,
  key          text not null check (length(key) between 1 and 200),
  request_hash text not null,
  status       integer,                      -- null while the first request is still at work
  body         jsonb,
  created_at   timestamptz not null default now(),
  primary key (tenant_id, key)
);
call close_to_tenant('idempotent_answer');
grant select, insert, update, delete on idempotent_answer to earwitness_api, earwitness_worker;

-- What was done by whom. Each entry holds the hash of the one before: a change in the past shows.
create table audit_entry (
  tenant_id   uuid not null references tenant,
  number      bigint not null check (number > 0),
  at          timestamptz not null,
  actor       text not null,                 -- member:<id>, key:<id> or system
  action      text not null,
  subject     text not null,                 -- <noun>:<id>
  details     jsonb not null,
  prev_hash   text not null check (prev_hash ~ '^[0-9a-f]{64}$'),
  entry_hash  text not null check (entry_hash ~ '^[0-9a-f]{64}$'),
  primary key (tenant_id, number)
);
call close_to_tenant('audit_entry');
grant select, insert on audit_entry to earwitness_api, earwitness_worker;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on audit_entry for each row execute function refuse_change();
