// SPDX-License-Identifier: MIT

/// What fan-out needs of a connection and nothing else: 20 bytes in a dense table.
///
/// A room of a thousand walks a thousand of them per turn. The objects behind them lie scattered over
/// the heap, and after each `send` the caches are full of the kernel's work: touching an object costs
/// several misses, a port next to the last one none.
struct Port {
    enum State: UInt8 {
        /// Nobody is here.
        case vacant
        /// Open, keeps up, and has nothing to write in this turn but its slice.
        case plain
        /// Its ``StreamConnection`` must be asked.
        case detailed
    }

    /// The socket.
    var descriptor: Int32 = -1
    /// Where the slice of this turn starts and ends in its buffer.
    var start: UInt32 = 0
    var end: UInt32 = 0
    /// The slice's place in the list of the turn; -1 without one.
    var slice: Int32 = -1
    var state = State.vacant
    /// Whether the turn's end comes by.
    var isDirty = false
}

/// The ports of a reactor, by slot.
@safe
final class PortTable {
    private(set) var count = 0
    private var capacity = 0
    private var base: UnsafeMutablePointer<Port>

    init() {
        capacity = 64
        unsafe base = .allocate(capacity: capacity)
        unsafe base.initialize(repeating: Port(), count: capacity)
    }

    deinit { unsafe base.deallocate() }

    /// Makes room for `slot`.
    func reserve(_ slot: Int) {
        count = max(count, slot + 1)
        if count <= capacity { return }
        let larger = max(count, capacity * 2)
        let moved = UnsafeMutablePointer<Port>.allocate(capacity: larger)
        unsafe moved.moveInitialize(from: base, count: capacity)
        unsafe (moved + capacity).initialize(repeating: Port(), count: larger - capacity)
        unsafe base.deallocate()
        unsafe base = moved
        capacity = larger
    }

    /// The port of `slot`; one that was never reserved is vacant.
    @inline(__always)
    subscript(slot: UInt32) -> Port {
        get { Int(slot) < count ? unsafe base[Int(slot)] : Port() }
        set {
            precondition(Int(slot) < count, "a port must be reserved before it is set")
            unsafe base[Int(slot)] = newValue
        }
        _modify {
            precondition(Int(slot) < count, "a port must be reserved before it is changed")
            yield unsafe &base[Int(slot)]
        }
    }
}
