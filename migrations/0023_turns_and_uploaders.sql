-- Addresses wait for their turn apart: those that were handed in one by one, and those of lists and watched places. The next
-- of each host is found without reading past those of hosts that have no room.
alter table submission
  add column host text generated always as (substring(url_key from '^[a-z]+://([^/?#]+)')) stored;
create index submission_queued_single on submission (tenant_id, created_at, id)
  where stage = 'queued' and kind = 'url' and batch_id is null and watch_id is null;
create index submission_queued_single_by_host on submission (tenant_id, host, created_at, id)
  where stage = 'queued' and kind = 'url' and batch_id is null and watch_id is null;
create index submission_queued_together_by_host on submission (tenant_id, host, created_at, id)
  where stage = 'queued' and (batch_id is not null or watch_id is not null);

-- Who offers a copy, in the words of the page that leads to it: {name, url}. A page can say anything, so that it stands
-- beside the account that an address tells (`channel`), and nothing is allowed or decided by it.
alter table item add column said_uploader jsonb;
alter table case_file
  add column said_uploader jsonb,
  add column uploader_key  text check (length(uploader_key) <= 2400);  -- services/case-whereabouts.ts
create index case_by_uploader on case_file (tenant_id, uploader_key, opened_at desc) where uploader_key is not null;
