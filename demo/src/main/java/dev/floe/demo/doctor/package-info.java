/** What a network allows, found out (RFC 5780) and said in words. Start at {@code Doctor}. */
package dev.floe.demo.doctor;
