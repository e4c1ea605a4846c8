"""`flask trust report`: measure on this very host what the promise rests on."""
