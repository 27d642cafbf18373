-- What the first engine made the second cannot read. Recordings go back to where they wait for a fingerprint: those
-- whose audio is held get theirs by the job, the others when they are registered or uploaded once more.
update recording r
   set stage = case when r.audio_held and r.audio_sha256 is not null then 'index' else 'registered' end,
       stage_since = now(), tries = 0, progress = 0
  from reference f
 where f.recording_id = r.id and f.engine_version < 2 and r.stage = 'done';
delete from reference where engine_version < 2;
delete from suspect_fingerprint where engine_version < 2;
