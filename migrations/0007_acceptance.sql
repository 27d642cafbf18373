-- How sure a search must be before it claims something, how exactly it knows a change, and what recordings share.

-- Of a million suspects that contain nothing of the catalogue, how many may be claimed. The limits and the
-- usual value are the engine's (services/audio/search/decide.ts); a test holds the two against each other.
alter table tenant add column false_claims_per_million integer not null default 500
  check (false_claims_per_million between 1 and 1000);

-- 95 % lie within ±; null for what was found before the engine told them.
alter table passage add column speed_error double precision check (speed_error >= 0);
alter table passage add column pitch_error double precision check (pitch_error >= 0);
-- Other recordings that explain most of the same audio: where there is one, the passage does not tell which was copied.
alter table passage add column shared_with uuid[] not null default '{}';

-- The better match in the same item, when that explains all of this one's audio and more: then this one is shown
-- beside it, belongs to its case, and is no find of its own.
alter table match add column beside_id uuid references match;
alter table match add check (beside_id <> id);
create index match_beside on match (beside_id) where beside_id is not null;

-- Decoding broke off: `duration_ms` is as far as it came, and nothing behind that was examined.
alter table item add column truncated boolean not null default false;
update item set truncated = true
  from suspect_fingerprint f where f.sha256 = item.sha256 and f.truncated and item.duration_ms is not null;
