// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import ChatSockets

/// What is wanted, what runs, and what becomes of it, without a kernel.
struct RingWatchTests {
    private static let bytes = 0..<5

    @Test func `input is armed once and again when the request has ended`() {
        var watch = RingWatch(.stream, wanted: .input)
        #expect(watch.orders() == .armInput)
        #expect(watch.orders() == [])
        #expect(watch.received(5, hasMore: true, range: Self.bytes) == .received(Self.bytes))
        #expect(watch.orders() == [])
        #expect(watch.received(5, hasMore: false, range: Self.bytes) == .received(Self.bytes))
        #expect(watch.orders() == .armInput)
    }

    @Test(arguments: [ENOBUFS, ECANCELED, EINTR, EAGAIN])
    func `a request that ended without a fault is armed again`(_ code: Int32) {
        var watch = RingWatch(.stream, wanted: .input)
        #expect(watch.orders() == .armInput)
        #expect(watch.received(-code, hasMore: false, range: 0..<0) == nil)
        #expect(watch.orders() == .armInput)
    }

    @Test func `after the end of input nothing is received, and breaking is noticed by a poll`() {
        var watch = RingWatch(.stream, wanted: .input)
        #expect(watch.orders() == .armInput)
        #expect(watch.received(0, hasMore: false, range: 0..<0) == .inputEnded)
        #expect(watch.orders() == .armPoll)
        #expect(watch.polled == [])
        #expect(watch.polled(POLLERR | POLLHUP) == .ready(.broken))
    }

    @Test func `a fault is told and is the last`() {
        var watch = RingWatch(.stream, wanted: .input)
        #expect(watch.orders() == .armInput)
        #expect(watch.received(-ECONNRESET, hasMore: false, range: 0..<0) == .failed(ECONNRESET))
        #expect(watch.orders() == .armPoll)
    }

    @Test func `a pause costs nothing until something comes`() {
        var watch = RingWatch(.stream, wanted: .input)
        #expect(watch.orders() == .armInput)
        watch.wanted = []
        #expect(watch.orders() == [])
        watch.wanted = .input
        #expect(watch.orders() == [])
        watch.wanted = []
        // What came is not lost; from now on the kernel leaves bytes where they are.
        #expect(watch.received(5, hasMore: true, range: Self.bytes) == .received(Self.bytes))
        #expect(watch.orders() == .cancelInput)
        #expect(watch.received(5, hasMore: true, range: Self.bytes) == .received(Self.bytes))
        #expect(watch.orders() == [])
        #expect(watch.received(-ECANCELED, hasMore: false, range: 0..<0) == nil)
        #expect(watch.orders() == .armPoll)
        watch.wanted = .input
        #expect(watch.orders() == .armInput)
    }

    @Test func `input that is wanted again before its cancelling ends is armed after it`() {
        var watch = RingWatch(.stream, wanted: .input)
        #expect(watch.orders() == .armInput)
        watch.wanted = []
        #expect(watch.received(5, hasMore: true, range: Self.bytes) == .received(Self.bytes))
        #expect(watch.orders() == .cancelInput)
        watch.wanted = .input
        #expect(watch.orders() == [])
        #expect(watch.received(-ECANCELED, hasMore: false, range: 0..<0) == nil)
        #expect(watch.orders() == .armInput)
    }

    @Test func `output is polled as long as it is wanted`() {
        var watch = RingWatch(.stream, wanted: [.input, .output])
        #expect(watch.orders() == [.armInput, .armPoll])
        #expect(watch.polled == .output)
        #expect(watch.polled(POLLOUT) == .ready(.output))
        #expect(watch.orders() == .armPoll)
        watch.wanted = .input
        #expect(watch.polled(POLLOUT) == nil)
        #expect(watch.orders() == [])
    }

    @Test func `output replaces a poll that only waits for the connection to break`() {
        var watch = RingWatch(.stream, wanted: [])
        #expect(watch.orders() == .armPoll)
        watch.wanted = .output
        #expect(watch.orders() == .cancelPoll)
        #expect(watch.orders() == [])
        #expect(watch.polled(-ECANCELED) == nil)
        #expect(watch.orders() == .armPoll)
        #expect(watch.polled == .output)
    }

    @Test func `a broken connection is left to who reads or writes`() {
        var watch = RingWatch(.stream, wanted: [.input, .output])
        #expect(watch.orders() == [.armInput, .armPoll])
        #expect(watch.polled(POLLERR | POLLHUP | POLLOUT) == .ready(.output))
        #expect(watch.orders() == .armPoll)
        watch.wanted = .input
        #expect(watch.polled(POLLHUP) == nil)
    }

    @Test(arguments: [ECONNABORTED, EPROTO, ECANCELED])
    func `a listener goes on after a peer that went away`(_ code: Int32) {
        var watch = RingWatch(.listener, wanted: .input)
        #expect(watch.orders() == .armInput)
        #expect(watch.accepted(7, hasMore: true) == .accepted(7))
        #expect(watch.accepted(-code, hasMore: false) == nil)
        #expect(watch.orders() == .armInput)
    }

    @Test func `a listener without descriptors says so and waits to be wanted again`() {
        var watch = RingWatch(.listener, wanted: .input)
        #expect(watch.orders() == .armInput)
        #expect(watch.accepted(-EMFILE, hasMore: false) == .failed(EMFILE))
        watch.wanted = []
        #expect(watch.orders() == [])
        watch.wanted = .input
        #expect(watch.orders() == .armInput)
    }

    @Test func `other descriptors are polled for what is wanted`() {
        var watch = RingWatch(.other, wanted: .input)
        #expect(watch.orders() == .armPoll)
        #expect(watch.polled == .input)
        #expect(watch.polled(POLLIN) == .ready(.input))
        #expect(watch.orders() == .armPoll)
        #expect(watch.polled(-EBADF) == .failed(EBADF))
    }
}
