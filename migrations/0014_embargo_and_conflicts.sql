-- Recordings that are not released yet, and recordings that two accounts claim.

-- Until then it is unreleased: a find of it is told at once, and its names only to those who may know them.
alter table recording add column embargo_until timestamptz(3);

-- Finds of unreleased recordings have a mail of their own.
alter table alert drop constraint alert_kind_check;
alter table alert add constraint alert_kind_check check (kind in ('cases_opened', 'unreleased_found'));

-- Conflicts: two accounts have the same recording, by its ISRC or by the very bytes of its fingerprint, and today claim
-- rights in it in the same territories. That there is one is all that either may learn of the other, so the rules are
-- kept here: functions of the tables' owner look across accounts, and the API's role reads nothing but its own side.

-- Asked across accounts, the code comes first. Within one account both columns are given: no index is lost by the order.
drop index recording_by_isrc;
create unique index recording_by_isrc on recording (isrc, tenant_id) where isrc is not null;
drop index reference_by_fingerprint;
create unique index reference_by_fingerprint on reference (fingerprint_sha256, tenant_id);

-- Which two recordings it is about: for nobody's role to read. There is one row for a pair, however often it conflicts.
create table conflict (
  id        uuid primary key,
  one_id    uuid not null,
  other_id  uuid not null,
  unique (one_id, other_id),
  check (one_id < other_id)
);
create index conflict_by_other on conflict (other_id);

-- What one of the two accounts sees of it.
create table conflict_side (
  conflict_id   uuid not null references conflict on delete cascade,
  tenant_id     uuid not null references tenant,
  recording_id  uuid not null references recording on delete cascade,
  same_isrc     boolean not null,
  same_audio    boolean not null,
  territories   text[] not null,             -- in which both claim, as `territoriesHeld` writes them (services/catalog/rights.ts)
  since         timestamptz(3) not null,     -- in milliseconds, as cursors carry it
  ended_at      timestamptz(3),
  primary key (conflict_id, tenant_id)
);
create index conflict_side_by_recording on conflict_side (recording_id);
create index conflict_side_by_age on conflict_side (tenant_id, since desc, conflict_id desc);
call close_to_tenant('conflict_side');
grant select on conflict_side to earwitness_api, earwitness_worker;

-- Where rights in a recording are held today: in these countries, or everywhere but in these. The rule is that of
-- `territoriesHeld`: none told means the whole, worldwide; what is not in force does not count; several rights add up.
create function claimed_today(recording uuid, out everywhere boolean, out countries text[]) language sql stable
set search_path = public, pg_temp as $$
  with day as (
    select (now() at time zone 'utc')::date as today
  ), in_force as (
    select h.position, h.territories, h.excluded_territories, h.territories = '{Worldwide}' as world
      from recording_right h, day
     where h.recording_id = recording and coalesce(h.valid_from, today) <= today
       and coalesce(h.valid_to, today) >= today and coalesce(h.document_expires, today) >= today
  ), named as (
    select distinct country from in_force, unnest(territories) country where not world
  ), missing as (
    select country from in_force, unnest(excluded_territories) country
     where world and country not in (select country from named)
     group by country having count(distinct position) = (select count(*) from in_force where world)
  ), world as (
    select coalesce(bool_or(world), not exists (select from recording_right h where h.recording_id = recording)) as held
      from in_force
  )
  select held, case when held then array(select country from missing order by country)
                    else array(select country from named order by country) end
    from world
$$;

-- Countries and territories of ISO 3166-1, and Kosovo: whoever excludes as many holds nothing.
create function claimed_by_both(one uuid, other uuid) returns text[] language sql stable
set search_path = public, pg_temp as $$
  select nullif(case
    when a.everywhere and b.everywhere then (
      select case when count(*) < 250 then array['Worldwide'] || coalesce(array_agg('except ' || country order by country), '{}')
                  else '{}' end
        from (select unnest(a.countries) union select unnest(b.countries)) excluded (country))
    when a.everywhere then array(select unnest(b.countries) except select unnest(a.countries) order by 1)
    when b.everywhere then array(select unnest(a.countries) except select unnest(b.countries) order by 1)
    else array(select unnest(a.countries) intersect select unnest(b.countries) order by 1)
  end, '{}')
    from claimed_today(one) a, claimed_today(other) b
$$;

-- The conflicts that there should be today of some recordings.
create function conflicts_due(touched uuid[])
returns table (one_id uuid, other_id uuid, same_isrc boolean, same_audio boolean, territories text[])
language sql stable set search_path = public, pg_temp as $$
  with alike as (
    select r.id, o.id as other_id, true as same_isrc, false as same_audio
      from recording r join recording o on o.isrc = r.isrc and o.tenant_id <> r.tenant_id
     where r.id = any (touched)
    union all
    select f.recording_id, o.recording_id, false, true
      from reference f
      join reference o on o.fingerprint_sha256 = f.fingerprint_sha256 and o.tenant_id <> f.tenant_id
     where f.recording_id = any (touched)
  ), pair as (
    select least(id, alike.other_id) as one_id, greatest(id, alike.other_id) as other_id,
           bool_or(alike.same_isrc) as same_isrc, bool_or(alike.same_audio) as same_audio
      from alike group by 1, 2
  )
  select p.one_id, p.other_id, p.same_isrc, p.same_audio, both_claim
    from pair p
    join recording a on a.id = p.one_id and a.withdrawn_at is null
    join recording b on b.id = p.other_id and b.withdrawn_at is null
   cross join lateral claimed_by_both(p.one_id, p.other_id) both_claim
   where both_claim is not null
$$;

-- Opens, changes and ends the conflicts of some recordings, so that they are as they should be. What opens and ends in
-- one transaction, as a registration does whose rights are written after it, was never there; what ends and opens again
-- in one has not ended. In the order of the pairs, so that two accounts that write at once do not wait for each other.
create function settle_conflicts(touched uuid[]) returns void language plpgsql security definer
set search_path = public, pg_temp as $$
begin
  with due as materialized (
    select * from conflicts_due(touched) order by one_id, other_id
  ), made as (
    insert into conflict (id, one_id, other_id) select gen_random_uuid(), one_id, other_id from due
        on conflict do nothing returning *
  ), pair as (
    select * from made union all select c.* from conflict c join due using (one_id, other_id)
  ), side as (
    insert into conflict_side as known
           (conflict_id, tenant_id, recording_id, same_isrc, same_audio, territories, since)
    select pair.id, r.tenant_id, r.id, due.same_isrc, due.same_audio, due.territories, now()
      from due join pair using (one_id, other_id) join recording r on r.id in (one_id, other_id)
     order by one_id, other_id, r.id
        on conflict (conflict_id, tenant_id) do update
       set same_isrc = excluded.same_isrc, same_audio = excluded.same_audio, territories = excluded.territories,
           since = case when known.ended_at < excluded.since then excluded.since else known.since end, ended_at = null
     where (known.same_isrc, known.same_audio, known.territories, known.ended_at)
           is distinct from (excluded.same_isrc, excluded.same_audio, excluded.territories, null)
  )
  update conflict_side s set ended_at = now()
    from conflict c
   where c.id = s.conflict_id and s.ended_at is null and (c.one_id = any (touched) or c.other_id = any (touched))
     and not exists (select from due where due.one_id = c.one_id and due.other_id = c.other_id);
  delete from conflict c
   where (c.one_id = any (touched) or c.other_id = any (touched))
     and not exists (select from conflict_side s
                      where s.conflict_id = c.id and (s.ended_at is null or s.ended_at > s.since));
end $$;

-- Whether any conflict, also one that ended, is kept of a recording.
create function has_conflicts(recording uuid) returns boolean language sql stable set search_path = public, pg_temp as $$
  select exists (select from conflict where one_id = recording) or exists (select from conflict where other_id = recording)
$$;

-- The triggers run once for a statement, however many rows it writes, and look in an index for each row whether another
-- account has the same. Most find nothing, and then nothing more is done.

create function settle_new_recordings() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  touched uuid[] := array(
    select n.id from changed n
     where n.isrc is not null
       and exists (select from recording o where o.isrc = n.isrc and o.tenant_id <> n.tenant_id));
begin
  if touched <> '{}' then perform settle_conflicts(touched); end if;
  return null;
end $$;
create trigger conflicts_settled_insert after insert on recording
  referencing new table as changed for each statement execute function settle_new_recordings();

create function settle_changed_recordings() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  touched uuid[] := array(
    select n.id from changed n join before b using (id)
     where (n.isrc is distinct from b.isrc or n.withdrawn_at is distinct from b.withdrawn_at)
       and (has_conflicts(n.id)
            or exists (select from recording o where o.isrc = n.isrc and o.tenant_id <> n.tenant_id)
            or exists (select from reference f join reference o using (fingerprint_sha256)
                        where f.recording_id = n.id and o.tenant_id <> f.tenant_id)));
begin
  if touched <> '{}' then perform settle_conflicts(touched); end if;
  return null;
end $$;
create trigger conflicts_settled_update after update on recording
  referencing old table as before new table as changed for each statement execute function settle_changed_recordings();

create function settle_references() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  touched uuid[] := array(
    select n.recording_id from changed n
     where has_conflicts(n.recording_id)
        or exists (select from reference o where o.fingerprint_sha256 = n.fingerprint_sha256 and o.tenant_id <> n.tenant_id));
begin
  if touched <> '{}' then perform settle_conflicts(touched); end if;
  return null;
end $$;
create trigger conflicts_settled_insert after insert on reference
  referencing new table as changed for each statement execute function settle_references();
create trigger conflicts_settled_update after update on reference
  referencing new table as changed for each statement execute function settle_references();

create function settle_rights() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  touched uuid[] := array(
    select r.id from (select distinct recording_id as id from changed) n join recording r using (id)
     where has_conflicts(r.id)
        or exists (select from recording o where o.isrc = r.isrc and o.tenant_id <> r.tenant_id)
        or exists (select from reference f join reference o using (fingerprint_sha256)
                    where f.recording_id = r.id and o.tenant_id <> f.tenant_id));
begin
  if touched <> '{}' then perform settle_conflicts(touched); end if;
  return null;
end $$;
create trigger conflicts_settled_insert after insert on recording_right
  referencing new table as changed for each statement execute function settle_rights();
create trigger conflicts_settled_update after update on recording_right
  referencing new table as changed for each statement execute function settle_rights();
create trigger conflicts_settled_delete after delete on recording_right
  referencing old table as changed for each statement execute function settle_rights();

create function settle_removed() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  gone uuid[];
begin
  if tg_table_name = 'recording' then gone := array(select id from changed where has_conflicts(id));
  else gone := array(select recording_id from changed where has_conflicts(recording_id));
  end if;
  if gone <> '{}' then perform settle_conflicts(gone); end if;
  return null;
end $$;
create trigger conflicts_settled_delete after delete on recording
  referencing old table as changed for each statement execute function settle_removed();
create trigger conflicts_settled_delete after delete on reference
  referencing old table as changed for each statement execute function settle_removed();

-- What no statement brings about: rights that begin or end with a new day, and two accounts that registered the same in
-- the same moment, of which neither transaction saw the other. Asked now and then by the clock.
--
-- registered_since: of pairs that both stood before, nothing was missed; two labels that hold the same catalogue in
-- different countries have hundreds of thousands, which are no conflicts and would be looked at each time.
create function settle_stale_conflicts(registered_since timestamptz default now() - interval '1 day')
returns void language sql security definer set search_path = public, pg_temp as $$
  select settle_conflicts(array(
    select r.id from recording r join recording o on o.isrc = r.isrc and o.tenant_id > r.tenant_id
     where greatest(r.created_at, o.created_at) >= registered_since
       and not exists (select from conflict c where c.one_id = least(r.id, o.id) and c.other_id = greatest(r.id, o.id))
    union
    select f.recording_id from reference f
      join reference o on o.fingerprint_sha256 = f.fingerprint_sha256 and o.tenant_id > f.tenant_id
     where greatest(f.created_at, o.created_at) >= registered_since
       and not exists (select from conflict c
                        where c.one_id = least(f.recording_id, o.recording_id)
                          and c.other_id = greatest(f.recording_id, o.recording_id))
    union
    select r.id from recording_right h join recording r on r.id = h.recording_id,
           (values ((now() at time zone 'utc')::date)) day (today)
     where (h.valid_from between today - 7 and today or h.valid_to between today - 8 and today - 1
            or h.document_expires between today - 8 and today - 1)
       and (has_conflicts(r.id)
            or exists (select from recording o where o.isrc = r.isrc and o.tenant_id <> r.tenant_id)
            or exists (select from reference f join reference o using (fingerprint_sha256)
                        where f.recording_id = r.id and o.tenant_id <> f.tenant_id))))
$$;

revoke all on function claimed_today, claimed_by_both, conflicts_due, settle_conflicts, has_conflicts,
  settle_stale_conflicts from public;
grant execute on function settle_stale_conflicts to earwitness_worker;
select settle_stale_conflicts('-infinity');
