-- The words of names are what is searched for, no longer their trigrams: a row has a quarter as many, and letters of
-- every script make words. What a million rows cost beside that is cut, too.

set local statement_timeout = 0;             -- indexes of millions of rows take longer than a query may

-- `offset 0` asks the index for each row. Without it the planner reads all recordings for every batch of an import.
create or replace function settle_new_recordings() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  touched uuid[] := array(
    select n.id from changed n
     where n.isrc is not null
       and exists (select from recording o where o.isrc = n.isrc and o.tenant_id <> n.tenant_id offset 0));
begin
  if touched <> '{}' then perform settle_conflicts(touched); end if;
  return null;
end $$;

create or replace function settle_changed_recordings() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  touched uuid[] := array(
    select n.id from changed n join before b using (id)
     where (n.isrc is distinct from b.isrc or n.withdrawn_at is distinct from b.withdrawn_at)
       and (has_conflicts(n.id)
            or exists (select from recording o where o.isrc = n.isrc and o.tenant_id <> n.tenant_id offset 0)
            or exists (select from reference f join reference o using (fingerprint_sha256)
                        where f.recording_id = n.id and o.tenant_id <> f.tenant_id offset 0)));
begin
  if touched <> '{}' then perform settle_conflicts(touched); end if;
  return null;
end $$;

-- New rows come at the end of this index, which keeps its pages full; lists read it backwards.
drop index recording_by_age;
create index recording_by_age on recording (tenant_id, created_at, id);
-- Names are looked up whole: four bytes of a hash do, where a sorted index holds all names once more.
drop index recording_by_name;
create index recording_by_name on recording using hash (name_key);

-- The words by which a recording is found: those of its names, and its ISRC in four parts, which recur as words do, while
-- whole ISRCs would be as many as rows: `:1` country and registrant, `:2` year, `:3` and `:4` the number. A word of more
-- than 64 characters is cut, as keys of an index have an end, and `…` tells of it.
create function words_of(search_key text, isrc text) returns tsvector language sql immutable parallel safe
return array_to_tsvector(
  array_remove(array_remove(
    case when octet_length(search_key) > 64 and search_key ~ '[^ ]{65}'
         then string_to_array(regexp_replace(search_key, '([^ ]{64})[^ ]+', '\1', 'g') || ' …', ' ')
         else string_to_array(search_key, ' ') end, lower(isrc)), '')
  || case when isrc is null then '{}'
          else array[':1' || lower(substr(isrc, 1, 5)), ':2' || substr(isrc, 6, 2), ':3' || substr(isrc, 8, 2),
                     ':4' || substr(isrc, 10)] end);
drop index recording_by_words;
create index recording_by_words on recording using gin (words_of(search_key, isrc));

-- Each word of an account's catalogue once, for looking up parts of words and misspelt ones: much fewer than rows.
-- A word that is in no name any more stays, and finds nothing.
create table catalogue_word (
  tenant_id  uuid not null references tenant,
  word       text collate "C" not null check (length(word) between 1 and 64),
  primary key (tenant_id, word)
);
call close_to_tenant('catalogue_word');
grant select, insert on catalogue_word to earwitness_api, earwitness_worker;

insert into catalogue_word (tenant_id, word)
select distinct tenant_id, word from recording, unnest(tsvector_to_array(words_of(search_key, isrc))) word;
create index catalogue_word_by_part on catalogue_word using gin (word gin_trgm_ops);
analyze catalogue_word;
analyze recording;                           -- how common words are is known by the new index only

-- In one order, so that two who write the same new words wait for each other and not both for ever.
create function keep_new_words() returns trigger language plpgsql as $$
begin
  insert into catalogue_word (tenant_id, word)
  select distinct tenant_id, word from changed, unnest(tsvector_to_array(words_of(search_key, isrc))) word
   order by tenant_id, word
      on conflict do nothing;
  return null;
end $$;
create trigger words_kept_insert after insert on recording
  referencing new table as changed for each statement execute function keep_new_words();

create function keep_changed_words() returns trigger language plpgsql as $$
begin
  insert into catalogue_word (tenant_id, word)
  select new.tenant_id, word from unnest(tsvector_to_array(words_of(new.search_key, new.isrc))) word
   order by word
      on conflict do nothing;
  return null;
end $$;
create trigger words_kept_update after update of search_key, isrc on recording
  for each row when (old.search_key is distinct from new.search_key or old.isrc is distinct from new.isrc)
  execute function keep_changed_words();

-- A word of `words_of` as an operand of a tsquery. None holds a quote or a backslash unless somebody wrote past our keys.
create function operand(word text) returns text language sql immutable parallel safe
return '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''';

-- Which ISRCs hold a part: null for none, else as a tsquery. The part is laid upon each place of the twelve.
create function isrcs_with(tenant uuid, part text) returns text language plpgsql stable
set search_path = public, pg_temp as $$
declare
  found_at text[] := '{}';
  shape text;
  pieces text[];
  piece text;
  like_it text;
begin
  if part !~ '^[a-z0-9]{1,12}$' then return null; end if;
  for at in 0 .. 12 - length(part) loop
    shape := repeat('_', at) || part || repeat('_', 12 - at - length(part));
    continue when shape !~ '^[a-z_]{2}[a-z0-9_]{3}[0-9_]{7}$';
    pieces := '{}';
    foreach piece in array array['1' || substr(shape, 1, 5), '2' || substr(shape, 6, 2), '3' || substr(shape, 8, 2),
                                 '4' || substr(shape, 10)] loop
      continue when piece ~ '^.__+$';
      select string_agg(operand(word), ' | ') into like_it
        from catalogue_word
       where tenant_id = tenant and word >= ':' || left(piece, 1) and word < ':' || left(piece, 1) || '~'
         and word like ':' || piece;
      pieces := pieces || ('(' || like_it || ')');
    end loop;
    if array_position(pieces, null) is null then found_at := found_at || ('(' || array_to_string(pieces, ' & ') || ')'); end if;
  end loop;
  return nullif(array_to_string(found_at, ' | '), '');
end $$;

-- What recordings must have of `words_of` when one of their words has this part, as a tsquery; null when so many words
-- have it that it narrows nothing: then a page is full after a few rows of the list.
create function words_with(tenant uuid, part text, words_max integer) returns text language plpgsql stable
set search_path = public, pg_temp as $$
declare
  found_words text[];
begin
  -- Planned anew for each part: a long one wants the index of trigrams, a short one or one of another script does not.
  execute 'select array(select word from catalogue_word
                         where tenant_id = $1 and word like $2 and not starts_with(word, '':'') limit $3 + 1)'
     into found_words using tenant, '%' || regexp_replace(part, '([\\%_])', '\\\1', 'g') || '%', words_max;
  if cardinality(found_words) > words_max then return null; end if;
  return concat_ws(' | ', operand('…'), (select string_agg(operand(word), ' | ') from unnest(found_words) word),
                   isrcs_with(tenant, part));
end $$;

-- Search within names. Under row-level security the planner may not use an index for this, because an operator could
-- tell of rows that the policy hides; this function runs as the tables' owner and applies the policy's condition itself.
-- Planned anew for each search: a rare word wants the index of words, a common one the order of the list.
--
-- parts: each must be in a word of the names or in the ISRC. Answers ids, newest first, after a row if one is given.
drop function search_recordings;
create function search_recordings(parts text[], in_stage text, after_at timestamptz, after_id uuid, rows_max integer)
returns setof uuid language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  patterns text[] := array(select '%' || regexp_replace(part, '([\\%_])', '\\\1', 'g') || '%' from unnest(parts) part);
  narrowed text;
begin
  select string_agg('(' || words || ')', ' & ') into narrowed
    from unnest(parts) part, words_with(current_tenant(), part, 1000) words;
  return query execute '
    select id from recording
     where tenant_id = $1 and search_key like all ($2)'
    || case when narrowed is null then '' else ' and words_of(search_key, isrc) @@ $7' end || '
       and ($3::text is null or (stage = $3 and withdrawn_at is null))
       and ($4::timestamptz is null or (created_at, id) < ($4, $5))
     order by created_at desc, id desc limit $6'
  using current_tenant(), patterns, in_stage, after_at, after_id, rows_max, narrowed::tsquery;
end $$;
revoke all on function search_recordings from public;
grant execute on function search_recordings to earwitness_api;
