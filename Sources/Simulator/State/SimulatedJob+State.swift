public import Clock
import CommandCenterAPI

extension SimulatedJob {
  static let recordKind = "job"

  var record: StateRecord {
    StateRecord(Self.recordKind, String(id)) { json in
      json.member("id", id)
      json.member("taskId", taskId)
      json.member("subclient", Int64(subclient))
      json.member("target", target)
      json.member("level", level.rawValue)
      if let asked { json.member("asked", asked.rawValue) }
      json.member("user", user)
      json.member("description", description)
      json.member("submitted", submitted.nanoseconds)
      json.member("visibleFrom", visibleFrom.nanoseconds)
      json.member("size", volume.size)
      json.member("files", volume.files)
      json.member("savings", volume.savings)
      json.member("failedFiles", volume.failedFiles)
      timeline.write(to: &json)
    }
  }

  init(_ saved: SavedValue, subclients: Int) throws(StateError) {
    guard let level = BackupLevel(rawValue: try saved.text("level")) else { throw saved.damage }
    var asked: BackupLevel?
    if saved.has("asked") {
      asked = BackupLevel(rawValue: try saved.text("asked"))
      if asked == nil { throw saved.damage }
    }
    self.init(
      id: try saved.integer("id"), taskId: try saved.integer("taskId"),
      subclient: try saved.index("subclient", below: subclients), target: try saved.text("target"),
      level: level, asked: asked, user: try saved.text("user"), description: try saved.text("description"),
      submitted: try saved.moment("submitted"), visibleFrom: try saved.moment("visibleFrom"),
      volume: Volume(
        size: try saved.integer("size"), files: try saved.integer("files"),
        savings: try saved.number("savings"), failedFiles: try saved.integer("failedFiles")),
      timeline: try Timeline(saved))
  }
}

extension Timeline {
  func write(to json: inout JSONWriter) {
    Self.write("segments", segments, to: &json)
    if let rest {
      json.key("suspended")
      json.beginObject()
      json.member("at", rest.at.nanoseconds)
      Self.write("segments", rest.segments, to: &json)
      json.endObject()
    }
  }

  init(_ saved: SavedValue) throws(StateError) {
    var rest: (at: Moment, segments: [Segment])?
    if let suspended = saved.optional("suspended") {
      rest = (try suspended.moment("at"), try Self.segments(of: suspended))
    }
    self.init(try Self.segments(of: saved), rest: rest)
  }

  private static func write(_ name: String, _ segments: [Segment], to json: inout JSONWriter) {
    json.key(name)
    json.beginArray()
    for segment in segments {
      json.beginObject()
      json.member("start", segment.start.nanoseconds)
      json.member("status", segment.status.name)
      json.member("phase", segment.phase)
      json.member("from", segment.work.from)
      json.member("to", segment.work.to)
      json.member("reason", segment.reason)
      json.endObject()
    }
    json.endArray()
  }

  private static func segments(of saved: SavedValue) throws(StateError) -> [Segment] {
    var segments: [Segment] = []
    for item in try saved.list("segments") {
      segments.append(
        Segment(
          start: try item.moment("start"), status: JobStatus(try item.text("status")),
          phase: try item.text("phase"), work: (try item.number("from"), try item.number("to")),
          reason: try item.text("reason")))
    }
    guard !segments.isEmpty else { throw saved.damage }
    return segments
  }
}

extension SimulatorStore {
  /// When the last job was submitted; nil where there is none.
  public func latestSubmit() throws(StateError) -> Moment? {
    var moments: [Moment] = []
    for record in try load() where record.kind == SimulatedJob.recordKind {
      moments.append(try SavedValue(record).moment("submitted"))
    }
    return moments.max()
  }
}
