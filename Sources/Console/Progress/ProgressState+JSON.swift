import Clock
import CommandCenterAPI

extension ProgressState {
  /// How all of it stands, as one event among those of a JSON log.
  func json(at now: Moment, isSimulated: Bool) -> String {
    var json = JSONWriter()
    json.beginObject()
    json.member("event", "progress")
    json.member("time", now.iso8601)
    if isSimulated { json.member("simulated", true) }
    json.member("not_good", Int64(self[.bad]))
    json.member("held_up", Int64(self[.held]))
    json.member("running", Int64(self[.running]))
    json.member("waiting", Int64(self[.queued]))
    json.member("good", Int64(self[.good]))
    json.member("skipped", Int64(self[.skipped]))
    json.member("bytes", bytes)
    if let speed = throughput(at: now) { json.member("bytes_per_second", speed) }
    if let end = expectedEnd(at: now) { json.member("expected_end", end.iso8601) }
    json.endObject()
    return json.text
  }
}
