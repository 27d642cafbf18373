-- How exposed a recording is by a leak, as audits rank it: what is exposed is listed by it, the worst first.
alter table exposure add column score real check (score between 0 and 1);

-- Until now an exposure without a batch of its own was looked up by its popularity whenever it was shown; audits write
-- the batch down from here on.
update exposure e set batch = b.number
  from (select distinct on (x.recording_id, x.leak_id) x.recording_id, x.leak_id, k.number
          from exposure x join leak_batch k on k.leak_id = x.leak_id
         where x.batch = 0 and x.popularity between k.popularity_from and k.popularity_to
         order by x.recording_id, x.leak_id, k.number) b
 where b.recording_id = e.recording_id and b.leak_id = e.leak_id;

-- Those that are known keep their order until they are asked for again (services/leaks/audit/ranking.ts, as it is today).
update exposure e set score = round((e.probability * (
    case e.status when 'audio' then 0.6 when 'sibling' then 0.55 when 'planned' then 0.3
                  when 'unknown' then 0.15 when 'metadata' then 0.1 else 0.05 end
    + case when e.status not in ('audio', 'sibling') then 0
           else case e.codec when 'vorbis-160' then 0.05 when 'other' then 0.03 when 'opus-75' then 0.02 else 0 end
                + case when exists (select from leak_batch b where b.leak_id = e.leak_id and b.number = e.batch
                                       and b.published_on <= current_date) then 0.25 else 0 end end
    + 0.1 * coalesce(e.popularity, 0) / 100))::numeric, 4);

alter table exposure alter column score set not null;
create index exposure_by_score on exposure (tenant_id, score desc, recording_id, leak_id);
