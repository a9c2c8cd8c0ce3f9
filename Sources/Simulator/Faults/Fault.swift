/// Something that goes wrong with a submit, or with the job it makes.
enum Fault: Hashable, Sendable {
  /// The job ends as Failed on its way.
  case fail
  case warnings
  case errors
  case committed
  case killed
  case failedToStart
  /// Another backup of the target runs, and the server says so (0x10c).
  case busy
  /// No eligible subclient is found (500, 587207178).
  case reject
  /// The job is made, but the answer is nonsense.
  case garbage
  /// The job is Pending that long before it runs.
  case pending(Duration)
  /// The job runs that much longer.
  case slow(Duration)
  /// The job is in no list, and unknown when asked for, that long.
  case hidden(Duration)
  /// The job backs up another subclient than the submit names.
  case wrongTarget
  /// The job runs at another level than the submit names.
  case otherLevel
  /// The job shows this status for ten minutes in the middle, known or not.
  case status(String)
  /// Something of its request's way.
  case wire(WireFault)

  var isOfTheWire: Bool { if case .wire = self { true } else { false } }
}
