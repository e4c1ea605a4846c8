"""Count a round: open the boxes, publish, erase; all of it or nothing."""
