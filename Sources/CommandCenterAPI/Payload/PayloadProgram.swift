/// A workload's schema, laid flat for the encoder: what to do, one step after the other, with every byte that
/// does not depend on the script's values already written down.
///
/// Each member ends in a comma. Closing a container turns the last one into the bracket, or, where nothing
/// has been written since it was opened, takes the opening back: empty containers are left out.
///
/// Lives as long as its encoder; the steps point into `texts` and `names`.
struct PayloadProgram: ~Copyable {
  enum Code: UInt8 {
    /// `"name":{` or `"name":[{`
    case open
    /// As `open`, for a container without defaults: passed over, up to and with its close, where the script
    /// gave nothing in it.
    case openIfAny
    case close
    case closeList
    /// `"associations":[`
    case openRows
    case beginRow
    case endRow
    case closeRows
    case integer
    case string
    case boolean
    case json
    case namedInteger
    case namedString
  }

  struct Step {
    var code: Code
    /// Whether an empty string is refused.
    var isRequired = false
    /// Whether a named value may be another one, too.
    var isOpen = false
    /// Of a field its slot, of a closing step the slot of what is to be added.
    var slot: Int32 = 0
    /// What is written in any case: `"name":`, with the opening quote for a string.
    var text: UnsafePointer<UInt8>
    var textLength: Int32 = 0
    /// The length of the default, 0 where there is none; -1 where a value is required.
    var defaultLength: Int32 = 0
    /// `"name":default,`
    var defaultText: UnsafePointer<UInt8>
    var lower: Int64 = 0
    var upper: Int64 = 0
    /// Of a field its named values, of `openIfAny` the slots to look at.
    var names: UnsafePointer<Name>
    var slots: UnsafePointer<Int32>
    var listCount: Int32 = 0
    /// Where to go on after a container that is passed over, or for the next row.
    var jump: Int32 = 0
  }

  /// A named value: what to compare with, and the member that it makes.
  struct Name {
    /// The name's first 16 bytes, filled up with spaces.
    var low: UInt64
    var high: UInt64
    var length: Int32
    var hasNumber: Bool
    var number: Int64
    /// `"field":wire,`
    var text: UnsafePointer<UInt8>
    var textLength: Int32
  }

  let steps: UnsafeMutablePointer<Step>
  let stepCount: Int
  /// How many bytes all steps write at most, strings and JSON left aside, for one row.
  let fixedSize: Int

  private let texts: UnsafeMutablePointer<UInt8>
  private let names: UnsafeMutablePointer<Name>
  private let slots: UnsafeMutablePointer<Int32>

  init(_ workload: Workload) {
    var builder = PayloadProgramBuilder(workload)
    builder.build()
    // Texts are copied 32 bytes at a time, so there must be as many behind the last one.
    texts = .allocate(capacity: builder.texts.count + 64)
    texts.initialize(repeating: 0x20, count: builder.texts.count + 64)
    texts.update(from: builder.texts, count: builder.texts.count)
    names = .allocate(capacity: max(1, builder.names.count))
    for (index, name) in builder.names.enumerated() {
      (names + index).initialize(
        to: Name(
          low: name.low, high: name.high, length: name.length, hasNumber: name.number != nil,
          number: name.number ?? 0, text: texts + name.text.start, textLength: Int32(name.text.count)))
    }
    slots = .allocate(capacity: max(1, builder.slots.count))
    slots.initialize(from: builder.slots, count: builder.slots.count)
    stepCount = builder.steps.count
    steps = .allocate(capacity: stepCount)
    for (index, step) in builder.steps.enumerated() {
      (steps + index).initialize(
        to: Step(
          code: step.code, isRequired: step.isRequired, isOpen: step.isOpen, slot: Int32(step.slot),
          text: texts + step.text.start, textLength: Int32(step.text.count),
          defaultLength: step.isMissingRefused ? -1 : Int32(step.defaultText.count),
          defaultText: texts + step.defaultText.start, lower: step.lower, upper: step.upper,
          names: names + step.firstName, slots: slots + step.firstSlot, listCount: Int32(step.listCount),
          jump: Int32(step.jump)))
    }
    fixedSize = builder.fixedSize
  }

  deinit {
    // Nothing in them has a deinit of its own.
    steps.deallocate()
    texts.deallocate()
    names.deallocate()
    slots.deallocate()
  }
}
