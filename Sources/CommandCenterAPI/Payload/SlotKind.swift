internal import CSlots

/// The kinds of slots, as the bytes that they are.
enum SlotKind {
  static let absent = UInt8(CV_SLOT_ABSENT.rawValue)
  static let null = UInt8(CV_SLOT_NULL.rawValue)
  static let boolean = UInt8(CV_SLOT_BOOLEAN.rawValue)
  static let integer = UInt8(CV_SLOT_INTEGER.rawValue)
  static let string = UInt8(CV_SLOT_STRING.rawValue)
  static let json = UInt8(CV_SLOT_JSON.rawValue)
}
